package api

import _ "embed"

// Description is the OpenAPI 3.1 document of everything under /api/v1. A test holds it to the routes.
//
//go:embed openapi.json
var Description []byte
