package handlers

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"onethread/handlers/api"
)

var parameter = regexp.MustCompile(`:([a-z_]+)`)

// TestDescriptionTellsEveryRoute holds openapi.json to the routes table, both ways, and its
// references to its own schemas.
func TestDescriptionTellsEveryRoute(t *testing.T) {
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(api.Description, &doc); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			told[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, r := range Routes(build(t, nil).deps) {
		path, ours := strings.CutPrefix(r.Path, "/api/v1")
		if !ours {
			continue
		}
		name := r.Method + " " + parameter.ReplaceAllString(path, "{$1}")
		if !told[name] {
			t.Errorf("openapi.json does not tell %s", name)
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("openapi.json tells %s, which is no route", name)
	}
	for _, ref := range regexp.MustCompile(`#/components/schemas/([A-Za-z]+)`).FindAllStringSubmatch(string(api.Description), -1) {
		if _, ok := doc.Components.Schemas[ref[1]]; !ok {
			t.Errorf("openapi.json refers to %s, which is not there", ref[1])
		}
	}
}
