package experiment

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/jobtagger/jobtagger/colbertlib/internal/nearest"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// ReadRecipe reads a recipe file and validates it. name stands for the file in errors. A key that no recipe has is an error that
// names the nearest one; a value of another type is one too (YAML libraries would cut 1.5 to 1). Choices of training that it leaves out are
// [train.NeuralCherche]'s.
func ReadRecipe(content []byte, name string) (Recipe, error) {
	node, err := parse(content)
	if err != nil {
		return Recipe{}, fmt.Errorf("experiment: %s: %w", name, err)
	}
	r := Recipe{Train: train.NeuralCherche}
	if err := decode(node, reflect.ValueOf(&r).Elem(), ""); err != nil {
		return Recipe{}, fmt.Errorf("experiment: %s:%w", name, err)
	}
	return r, r.Validate()
}

// Set changes values: "train.epochs=2", "evaluation.metrics=[hits@1, mrr]". Text stands as it is, other values are YAML. It is as strict as
// [ReadRecipe], and changes nothing if it fails; the recipe need only be valid after the last change.
func (r *Recipe) Set(assignments ...string) error {
	changed := *r
	for _, assignment := range assignments {
		if err := changed.assign(assignment); err != nil {
			return err
		}
	}
	if err := changed.Validate(); err != nil {
		return err
	}
	*r = changed
	return nil
}

func (r *Recipe) assign(assignment string) error {
	key, value, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("experiment: %q, want key=value, for example train.epochs=2", assignment)
	}
	field, err := lookUp(reflect.ValueOf(r).Elem(), key)
	if err != nil {
		return fmt.Errorf("experiment: %s: %w", assignment, err)
	}
	if field.Kind() == reflect.String {
		field.SetString(value)
		return nil
	}
	node, err := parse([]byte(value))
	if err != nil {
		return fmt.Errorf("experiment: %s: %w", assignment, err)
	}
	if err := decode(node, field, key); err != nil {
		_, problem, _ := strings.Cut(err.Error(), ": ") // without the line number
		return fmt.Errorf("experiment: %s: %s", assignment, problem)
	}
	return nil
}

// parse returns the root of a YAML document.
func parse(content []byte) (ast.Node, error) {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, errors.New("want one YAML document")
	}
	return file.Docs[0].Body, nil
}

// decode sets value to what node says, after making sure that its type has all of node's keys and types. path is value's place in the
// recipe. Errors begin with a line number.
func decode(node ast.Node, value reflect.Value, path string) error {
	if err := check(node, value.Type(), path); err != nil {
		return err
	}
	if err := yaml.NodeToValue(node, value.Addr().Interface()); err != nil {
		return fmt.Errorf("%d: %s: %s", line(node), path, yaml.FormatError(err, false, false))
	}
	return nil
}

func line(node ast.Node) int { return node.GetToken().Position.Line }

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

func check(node ast.Node, t reflect.Type, path string) error {
	wrong := func(want string) error {
		found := cmp.Or(strings.TrimSpace(node.String()), "empty")
		return fmt.Errorf("%d: %s is %s, want %s", line(node), cmp.Or(path, "the recipe"), found, want)
	}
	kind := t.Kind()
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		kind = reflect.String
	}
	switch kind {
	case reflect.Struct:
		mapping, ok := node.(ast.MapNode)
		if !ok {
			return wrong("keys and values")
		}
		return checkKeys(mapping, t, path)
	case reflect.Slice:
		sequence, ok := node.(*ast.SequenceNode)
		if !ok {
			return wrong("a list")
		}
		for i, element := range sequence.Values {
			if err := check(element, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.String:
		if !slices.Contains([]ast.NodeType{ast.StringType, ast.LiteralType}, node.Type()) {
			return wrong("text; put it in quotation marks")
		}
	case reflect.Float64:
		if _, err := strconv.ParseFloat(node.String(), 64); err != nil { // by text, as the parser takes 1e-3 for a string
			return wrong("a number")
		}
	default:
		if node.Type() != ast.IntegerType {
			return wrong("a whole number")
		}
	}
	return nil
}

func checkKeys(mapping ast.MapNode, t reflect.Type, path string) error {
	fields := keys(t)
	for pairs := mapping.MapRange(); pairs.Next(); {
		name := pairs.Key().String()
		full := strings.TrimPrefix(path+"."+name, ".")
		field, ok := fields[name]
		if !ok {
			return fmt.Errorf("%d: %w", line(pairs.Key()), unknownKey(full))
		}
		if err := check(pairs.Value(), field.Type, full); err != nil {
			return err
		}
	}
	return nil
}

// keys are the fields of a struct by their names in YAML, those of embedded structs included.
func keys(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" {
			fields[name] = field
		}
	}
	return fields
}

// allKeys lists the full names of everything that Set can set.
func allKeys(t reflect.Type, prefix string) []string {
	var all []string
	for name, field := range keys(t) {
		all = append(all, prefix+name)
		if field.Type.Kind() == reflect.Struct {
			all = append(all, allKeys(field.Type, prefix+name+".")...)
		}
	}
	slices.Sort(all)
	return all
}

func unknownKey(name string) error {
	return fmt.Errorf("unknown key %s; the nearest is %s", name, nearest.Name(name, allKeys(reflect.TypeFor[Recipe](), "")))
}

// lookUp finds the field with the full name key.
func lookUp(value reflect.Value, key string) (reflect.Value, error) {
	for name := range strings.SplitSeq(key, ".") {
		if value.Kind() != reflect.Struct {
			return reflect.Value{}, unknownKey(key)
		}
		field, ok := keys(value.Type())[name]
		if !ok {
			return reflect.Value{}, unknownKey(key)
		}
		value = value.FieldByIndex(field.Index)
	}
	return value, nil
}

// YAML is the recipe as a file, every field written out.
func (r Recipe) YAML() ([]byte, error) {
	content, err := yaml.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("experiment: recipe %s: %w", r.Name, err)
	}
	return content, nil
}
