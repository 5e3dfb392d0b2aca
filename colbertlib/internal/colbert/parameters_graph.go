package colbert

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
)

// Node is the parameter's value in a graph. Graph building: it panics if there is no such parameter.
func (p *Parameters) Node(g *graph.Graph, name string) *graph.Node {
	variable := p.Store.GetVariable(scope + name)
	if variable == nil {
		exceptions.Panicf("colbert: the model has no parameter %s", name)
	}
	return variable.NodeValue(g)
}

// Encoder builds graphs of the encoder from these parameters.
func (p *Parameters) Encoder(config encoder.Config, g *graph.Graph) encoder.Encoder {
	return encoder.Encoder{
		Config: config,
		Weight: func(name string) *graph.Node { return p.Node(g, name) },
	}
}
