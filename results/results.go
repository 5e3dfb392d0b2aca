// Package results carries the recipes of the repository's experiments, so that the program can run them wherever it is. The folder
// holds their runs too, which are not embedded.
package results

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

//go:embed */recipe.yaml
var recipes embed.FS

// Names lists the experiments.
func Names() []string {
	entries, err := recipes.ReadDir(".")
	if err != nil {
		return nil // the embedded root can always be read
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// Recipe returns the recipe of the experiment with that name.
func Recipe(name string) (experiment.Recipe, error) {
	file := path.Join(name, "recipe.yaml")
	content, err := recipes.ReadFile(file)
	if err != nil {
		return experiment.Recipe{}, fmt.Errorf("results: there is no experiment %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return experiment.ReadRecipe(content, "results/"+file)
}
