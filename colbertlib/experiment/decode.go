package experiment

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/jobtagger/jobtagger/colbertlib/internal/strictyaml"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// ReadRecipe reads a recipe file and validates it. name stands for the file in errors. A key that no recipe has is an error that
// names the nearest one; a value of another type is one too (YAML libraries would cut 1.5 to 1). Choices of training that it leaves out are
// [train.NeuralCherche]'s.
func ReadRecipe(content []byte, name string) (Recipe, error) {
	r := Recipe{Train: train.NeuralCherche}
	if err := strictyaml.Read(content, name, &r); err != nil {
		return Recipe{}, fmt.Errorf("experiment: %w", err)
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
	if err := strictyaml.Set(r, key, value); err != nil {
		return fmt.Errorf("experiment: %s: %w", assignment, err)
	}
	return nil
}

// YAML is the recipe as a file, every field written out.
func (r Recipe) YAML() ([]byte, error) {
	content, err := yaml.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("experiment: recipe %s: %w", r.Name, err)
	}
	return content, nil
}
