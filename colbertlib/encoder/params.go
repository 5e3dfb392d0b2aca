package encoder

import (
	"regexp"
	"strconv"
	"strings"
)

// Param is one tensor of an encoder.
type Param struct {
	Name  string // as in the family's Hugging Face checkpoints, without the prefix of the backbone ("bert.", "new.")
	Shape []int  // dense weights are [out, in], as in PyTorch
	MLM   bool   // part of the masked language modelling head, which ColBERT does not use

	// Parts are the names of tensors that some checkpoints hold instead, one after the other the rows of this one; nil for most.
	Parts []string
}

// Params lists the tensors that an encoder of this configuration has, in a fixed order: its own first, then those of the masked
// language modelling head, whose decoder is tied to the word embeddings.
func (c Config) Params() []Param {
	var list paramList
	c.architecture().params(c, &list)
	return list
}

var layerNumber = regexp.MustCompile(`(?:^|\.)layers?\.(\d+)\.`)

// Bottom lists the parameters of the embeddings and of the first layers, by name; none for 0 layers.
func (c Config) Bottom(layers int) []string {
	var names []string
	for _, param := range c.Params() {
		layer := -1 // the embeddings come first
		if match := layerNumber.FindStringSubmatch(param.Name); match != nil {
			layer, _ = strconv.Atoi(match[1]) // digits
		} else if !strings.HasPrefix(param.Name, "embeddings.") {
			continue
		}
		if layers > 0 && layer < layers {
			names = append(names, param.Name)
		}
	}
	return names
}

// CanonicalName is the name in [Config.Params] of a tensor called name in a checkpoint: without the prefixes of the
// backbone, and weight and bias where checkpoints of TensorFlow origin say gamma and beta.
func (c Config) CanonicalName(name string) string {
	name = c.architecture().canonical(name)
	if base, ok := strings.CutSuffix(name, "LayerNorm.gamma"); ok {
		return base + "LayerNorm.weight"
	}
	if base, ok := strings.CutSuffix(name, "LayerNorm.beta"); ok {
		return base + "LayerNorm.bias"
	}
	return name
}

// CheckpointName is the name that a checkpoint with a masked language modelling head gives to a parameter.
func (c Config) CheckpointName(param Param) string {
	if param.MLM {
		return param.Name
	}
	return c.architecture().prefix(c) + param.Name
}

type paramList []Param

func (l *paramList) add(name string, shape ...int) { *l = append(*l, Param{Name: name, Shape: shape}) }

// dense adds a weight [out, in] and a bias [out].
func (l *paramList) dense(name string, in, out int) {
	l.add(name+".weight", out, in)
	l.add(name+".bias", out)
}

// layerNorm adds a gain and an offset [size].
func (l *paramList) layerNorm(name string, size int) {
	l.add(name+".weight", size)
	l.add(name+".bias", size)
}

// packed adds a tensor that some checkpoints hold in parts.
func (l *paramList) packed(name string, parts []string, shape ...int) {
	*l = append(*l, Param{Name: name, Shape: shape, Parts: parts})
}

func (l *paramList) mlm(head func()) {
	start := len(*l)
	head()
	for i := start; i < len(*l); i++ {
		(*l)[i].MLM = true
	}
}
