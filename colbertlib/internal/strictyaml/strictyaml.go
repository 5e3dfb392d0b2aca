// Package strictyaml reads YAML into structs and refuses what YAML libraries let pass: a key that the struct lacks is an error that names the
// nearest one, and a value of another type is one too (libraries cut 1.5 to 1).
package strictyaml

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
)

// Read sets the struct that into points to. What content leaves out stays as it is. name stands for the file in errors, "name:line: problem".
func Read(content []byte, name string, into any) error {
	node, err := parse(content)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	value := reflect.ValueOf(into).Elem()
	if err := (reader{value.Type()}).decode(node, value, ""); err != nil {
		return fmt.Errorf("%s:%w", name, err)
	}
	return nil
}

// Set changes the field with the full name key, "train.epochs" for example, of the struct that into points to. A field of text becomes value
// as it stands; for others value is YAML.
func Set(into any, key, value string) error {
	root := reflect.ValueOf(into).Elem()
	r := reader{root.Type()}
	field, err := r.lookUp(root, key)
	if err != nil {
		return err
	}
	if field.Kind() == reflect.String {
		field.SetString(value)
		return nil
	}
	node, err := parse([]byte(value))
	if err != nil {
		return err
	}
	if err := r.decode(node, field, key); err != nil {
		_, problem, _ := strings.Cut(err.Error(), ": ") // without the line number
		return errors.New(problem)
	}
	return nil
}

// reader reads a struct of type root or a part of one.
type reader struct{ root reflect.Type }

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
// root. Errors begin with a line number.
func (r reader) decode(node ast.Node, value reflect.Value, path string) error {
	if err := r.check(node, value.Type(), path); err != nil {
		return err
	}
	if err := yaml.NodeToValue(node, value.Addr().Interface()); err != nil {
		return fmt.Errorf("%d: %s: %s", line(node), path, yaml.FormatError(err, false, false))
	}
	return nil
}

func line(node ast.Node) int { return node.GetToken().Position.Line }

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

func (r reader) check(node ast.Node, t reflect.Type, path string) error {
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
		return r.checkKeys(mapping, t, path)
	case reflect.Slice:
		sequence, ok := node.(*ast.SequenceNode)
		if !ok {
			return wrong("a list")
		}
		for i, element := range sequence.Values {
			if err := r.check(element, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
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

func (r reader) checkKeys(mapping ast.MapNode, t reflect.Type, path string) error {
	fields := keys(t)
	for pairs := mapping.MapRange(); pairs.Next(); {
		name := pairs.Key().String()
		full := strings.TrimPrefix(path+"."+name, ".")
		field, ok := fields[name]
		if !ok {
			return fmt.Errorf("%d: %w", line(pairs.Key()), r.unknownKey(full))
		}
		if err := r.check(pairs.Value(), field.Type, full); err != nil {
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

func (r reader) unknownKey(name string) error {
	return fmt.Errorf("unknown key %s; the nearest is %s", name, nearest.Name(name, allKeys(r.root, "")))
}

// lookUp finds the field with the full name key.
func (r reader) lookUp(value reflect.Value, key string) (reflect.Value, error) {
	for name := range strings.SplitSeq(key, ".") {
		if value.Kind() != reflect.Struct {
			return reflect.Value{}, r.unknownKey(key)
		}
		field, ok := keys(value.Type())[name]
		if !ok {
			return reflect.Value{}, r.unknownKey(key)
		}
		value = value.FieldByIndex(field.Index)
	}
	return value, nil
}
