// The page of the OpenAPI document. Swagger UI comes with the console; nothing is fetched from elsewhere.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
    withCredentials: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
  });
});
