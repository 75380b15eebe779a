package conformance

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onethread/models"
)

var (
	fieldTypes = []string{"text", "email", "password", "number", "bool", "select", "url", "textarea"}
	fieldKey   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	secretKey  = regexp.MustCompile(`(^|_)(password|secret|token)$`)
)

// fields checks that the settings form and `channel add --set` can be drawn from Fields.
func fields(t *testing.T, p models.Provider) {
	if !fieldKey.MatchString(p.Kind) || p.Name == "" || p.Open == nil {
		t.Errorf("provider needs a lower-case Kind, a Name and Open; got kind %q, name %q", p.Kind, p.Name)
	}
	seen := map[string]bool{}
	for _, f := range p.Fields {
		if seen[f.Key] {
			t.Errorf("field %q appears twice", f.Key)
		}
		seen[f.Key] = true
		for _, problem := range fieldProblems(f) {
			t.Errorf("field %q %s", f.Key, problem)
		}
	}
}

func fieldProblems(f models.Field) (problems []string) {
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, problem)
		}
	}
	check(fieldKey.MatchString(f.Key), "needs a key of lower-case letters, digits and _")
	check(f.Label != "", "has no label")
	check(slices.Contains(fieldTypes, f.Type), "has the unknown type "+f.Type)
	check(f.Type != "select" || len(f.Options) > 1, "is a select without a choice")
	check(f.Type != "select" || f.Default == "" || slices.Contains(f.Options, f.Default), "has a default that is no option")
	check(f.Type != "password" || f.Secret, "is a password that is not marked Secret")
	check(!secretKey.MatchString(f.Key) || f.Secret, "looks like a credential but is not marked Secret")
	check(!f.Secret || f.Default == "", "is a secret with a default")
	check(!f.Generate || f.Secret, "is generated but not marked Secret")
	check(!f.Required || !f.Advanced || f.Default != "" || f.Generate, "is required but folded away")
	return problems
}

// validate checks that good settings pass and that a refusal names the field at fault.
func validate(t *testing.T, c Case) {
	check := c.Provider.Validate
	if check == nil {
		if len(c.Wrong) > 0 {
			t.Fatal("wrong settings are listed, but the provider has no Validate")
		}
		return
	}
	if err := check(c.Settings); err != nil {
		t.Fatalf("good settings are refused: %v", err)
	}
	for key, value := range c.Wrong {
		settings := maps.Clone(c.Settings)
		settings[key] = value
		refusal(t, check(settings), key, value)
	}
}

func refusal(t *testing.T, err error, key, value string) {
	t.Helper()
	var e *models.Error
	switch {
	case err == nil:
		t.Errorf("%s=%q is accepted", key, value)
	case !errors.As(err, &e) || e.Code != models.Invalid || e.Field != key:
		t.Errorf("%s=%q: the refusal does not name the field: %#v", key, value, err)
	case strings.TrimSpace(e.Message) == "":
		t.Errorf("%s=%q: the refusal says nothing", key, value)
	}
}
