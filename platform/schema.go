package platform

import (
	"bytes"
	"encoding/json"
	"time"
)

// Schema is the JSON Schema (draft 2020-12) of a declaration, for editors and
// for whoever checks declarations without Fathom. It is printed from the table
// that Parse reads by. What it cannot say (that a service that is called exists,
// that no card data leaks) Parse asks besides.
func Schema() []byte {
	s := root.schema()
	s.Draft, s.ID = "https://json-schema.org/draft/2020-12/schema", "urn:fathom:platform:v1"
	s.Title, s.Description = "platform.yaml", "What a team declares: its services and who calls whom, its stores and what they hold, its edge, its people and its pipeline."
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		panic(err) // a tree of texts and numbers always has a JSON form
	}
	return b.Bytes()
}

// schema is a JSON Schema; the order of the fields is the order in print.
type schema struct {
	Draft         string     `json:"$schema,omitempty"`
	ID            string     `json:"$id,omitempty"`
	Title         string     `json:"title,omitempty"`
	Description   string     `json:"description,omitempty"`
	Type          string     `json:"type,omitempty"`
	Enum          []string   `json:"enum,omitempty"`
	Pattern       string     `json:"pattern,omitempty"`
	MaxLength     int        `json:"maxLength,omitempty"`
	Minimum       *int       `json:"minimum,omitempty"`
	Maximum       *int       `json:"maximum,omitempty"`
	Examples      []string   `json:"examples,omitempty"`
	OneOf         []*schema  `json:"oneOf,omitempty"`
	MinItems      int        `json:"minItems,omitempty"`
	UniqueItems   bool       `json:"uniqueItems,omitempty"`
	Items         *schema    `json:"items,omitempty"`
	MinProperties int        `json:"minProperties,omitempty"`
	PropertyNames *schema    `json:"propertyNames,omitempty"`
	Properties    properties `json:"properties,omitempty"`
	Required      []string   `json:"required,omitempty"`
	// Additional is false, or the schema of what stands under names.
	Additional any `json:"additionalProperties,omitempty"`
}

// properties keep the order of the table.
type properties []property

type property struct {
	key string
	as  *schema
}

// MarshalJSON prints the properties as an object in their order.
func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(p.key)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(p.as); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// The forms of texts that the fitter takes apart by hand.
const (
	spanPattern  = `^(0|[1-9][0-9]*)[smhdy]$`
	ratePattern  = `^[1-9][0-9]{0,6}/s$`
	sharePattern = `^[1-9][0-9]?%$`
	datePattern  = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
)

func (s *shape) schema() *schema {
	switch s.form {
	case word:
		return &schema{Type: "string", Enum: s.words}
	case number:
		return &schema{Type: "integer", Minimum: &s.min, Maximum: &s.max}
	case flag:
		return &schema{Type: "boolean"}
	case span:
		return &schema{Type: "string", Pattern: spanPattern, Examples: examples(cmpOr(s.example, "24h"))}
	case rate:
		return &schema{Type: "string", Pattern: ratePattern, Examples: examples("400/s")}
	case share:
		return &schema{Type: "string", Pattern: sharePattern, Examples: examples("5%")}
	case date:
		return &schema{Type: "string", Pattern: datePattern, Examples: examples(time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))}
	case record:
		return s.recordSchema()
	case names:
		out := &schema{Type: "object", PropertyNames: &schema{Pattern: s.pattern.String()}, Additional: s.of.schema()}
		if s.some {
			out.MinProperties = 1
		}
		return out
	case items:
		out := &schema{Type: "array", Items: s.of.schema(), UniqueItems: s.of.kind() == scalar}
		if s.some {
			out.MinItems = 1
		}
		return out
	case either:
		out := &schema{}
		for _, o := range s.or {
			out.OneOf = append(out.OneOf, o.schema())
		}
		return out
	}
	out := &schema{Type: "string", Pattern: `\S`, MaxLength: longestText, Examples: examples(s.example)}
	if s.pattern != nil {
		out.Pattern = s.pattern.String()
	}
	return out
}

func (s *shape) recordSchema() *schema {
	out := &schema{Type: "object", Additional: false}
	for _, f := range s.fields {
		as := f.as.schema()
		as.Description = f.doc
		out.Properties = append(out.Properties, property{f.key, as})
		if f.need {
			out.Required = append(out.Required, f.key)
		}
	}
	return out
}

// examples are an example without the quotes that it has in YAML.
func examples(text string) []string {
	if text == "" {
		return nil
	}
	if n := len(text); n > 1 && text[0] == '"' {
		text = text[1 : n-1]
	}
	return []string{text}
}
