// Package experiment turns a recipe into a run: data, an evaluation of the untrained model, training with an evaluation after
// each epoch, and a folder that holds everything one needs to judge and repeat it.
//
// A recipe is one YAML file in which every number of the experiment stands once, the scores that it should reach included:
//
//	recipe, err := experiment.ReadRecipe(content, "recipe.yaml")
//	err = recipe.Set("train.epochs=2")
//	run, err := experiment.Execute(ctx, recipe, experiment.Options{Results: "results"})
//	fmt.Println(run.Table(), run.Verdict())
//
// A finished run is read again by [Open], for tables, figures and notebooks; it is not changed by anything, nor ever overwritten.
// The same recipe, inputs, binary and kind of processor give the same scores and the same weights, to the bit.
//
// Functions of this package may be called concurrently; each [Execute] has a model of its own.
package experiment
