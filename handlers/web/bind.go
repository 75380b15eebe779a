package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
)

// JSON reads the body into into, refusing fields that into does not have, a second value after
// the first, and anything that is not called application/json. Errors name the field at fault.
func JSON(c *fiber.Ctx, into any) error {
	media, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || media != "application/json" {
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "Send the body as application/json.")
	}
	return DecodeJSON(c.Body(), into)
}

// DecodeJSON is JSON for bytes at hand. Unreadable syntax is a *fiber.Error with status 400,
// what is readable but wrong a field error.
func DecodeJSON(body []byte, into any) error {
	if !utf8.Valid(body) {
		return fiber.NewError(fiber.StatusBadRequest, "The body is not valid UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return explain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fiber.NewError(fiber.StatusBadRequest, "The body holds more than one JSON value.")
	}
	return nil
}

func explain(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return models.FieldError(wrongType.Field, "%s must be %s, not %s.", orBody(wrongType.Field), jsonName(wrongType.Type), wrongType.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return models.FieldError(name, "There is no field %q here.", name)
	}
	if strings.Contains(err.Error(), "RFC 3339") {
		return models.FieldError("", "%s.", err.Error())
	}
	return fiber.NewError(fiber.StatusBadRequest, "The body is not readable JSON: "+err.Error()+".")
}

func orBody(field string) string {
	if field == "" {
		return "The body"
	}
	return field
}

func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	}
	return "a number"
}

// Form reads the form fields of an urlencoded or multipart body into the struct that into
// points to, by the tag `form:"name"`: string, bool (a checkbox), whole numbers and []string.
// A field that the struct lacks is refused, and so is a second value where one is expected: what
// a form may change is exactly what its struct lists. _csrf is passed over.
func Form(c *fiber.Ctx, into any) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	fields := make(map[string]reflect.Value)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("form"); name != "" {
			fields[name] = v.Field(i)
		}
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names) // the same error for the same form
	for _, name := range names {
		field, ok := fields[name]
		if name == "_csrf" {
			continue
		}
		if !ok {
			return models.FieldError(name, "There is no field %q in this form.", name)
		}
		if err := setField(field, name, values[name]); err != nil {
			return err
		}
	}
	return nil
}

func formValues(c *fiber.Ctx) (map[string][]string, error) {
	media, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if media == fiber.MIMEMultipartForm {
		form, err := c.MultipartForm()
		if err != nil {
			return nil, fiber.NewError(fiber.StatusBadRequest, "The form could not be read.")
		}
		return form.Value, nil
	}
	values := make(map[string][]string)
	c.Request().PostArgs().VisitAll(func(key, value []byte) {
		values[string(key)] = append(values[string(key)], string(value))
	})
	return values, nil
}

func setField(field reflect.Value, name string, values []string) error {
	for _, s := range values {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return models.FieldError(name, "%s holds characters that are no text.", name)
		}
	}
	if field.Kind() == reflect.Slice {
		field.Set(reflect.ValueOf(append([]string(nil), values...)))
		return nil
	}
	if len(values) != 1 {
		return models.FieldError(name, "%s is given more than once.", name)
	}
	s := values[0]
	switch field.Kind() {
	case reflect.String:
		field.SetString(s)
	case reflect.Bool:
		field.SetBool(s != "" && s != "false" && s != "0")
	case reflect.Int, reflect.Int64:
		if s == "" {
			return nil
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return models.FieldError(name, "%s must be a whole number.", name)
		}
		field.SetInt(n)
	}
	return nil
}
