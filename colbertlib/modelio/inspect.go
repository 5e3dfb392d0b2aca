package modelio

import (
	"errors"
	"io/fs"
)

// Inventory is what a model folder holds, told by configurations and headers alone.
type Inventory struct {
	Config          []byte   // config.json, as it is
	TokenizerConfig []byte   // tokenizer_config.json, as it is; nil where absent
	HasTokenizer    bool     // whether there is a tokenizer.json
	Tensors         []Tensor // the encoder's in file order, without Data
	Parameters      int64    // elements of the floating-point tensors; the others are tables of positions
	Bytes           int64    // of all tensors
}

// Inspect lists the tensors of a model folder without reading any: of a large model, it needs only the first kilobytes.
// It does not check that the folder is complete, as [Open] does. Where the weights are missing or broken, the error comes
// with what the configurations say.
func Inspect(fsys fs.FS, dir string) (_ Inventory, err error) {
	src := source{fsys, dir}
	if err := src.checkKind(); err != nil {
		return Inventory{}, err
	}
	modules, err := src.readModules()
	if err != nil {
		return Inventory{}, err
	}
	format := src.format(modules)
	src = src.sub(modules.encoder())
	var inventory Inventory
	if inventory.Config, err = src.read("config.json"); err != nil {
		return Inventory{}, err
	}
	if inventory.TokenizerConfig, err = src.readOptional("tokenizer_config.json"); err != nil {
		return inventory, err
	}
	inventory.HasTokenizer = src.has("tokenizer.json")
	weights, err := OpenWeights(src.fsys, src.dir)
	if err != nil {
		return inventory, err
	}
	defer func() { err = errors.Join(err, weights.Close()) }()
	if format == Stanford {
		weights.hide(stanfordHead)
	}
	for _, name := range weights.Names() {
		t, _ := weights.Info(name)
		inventory.Tensors = append(inventory.Tensors, t)
		inventory.Bytes += int64(t.NumBytes())
		switch t.DType {
		case "F32", "F16", "BF16", "F64":
			inventory.Parameters += int64(t.NumElements())
		}
	}
	return inventory, nil
}
