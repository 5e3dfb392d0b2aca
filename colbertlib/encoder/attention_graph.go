package encoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// attention is multi-head scaled dot-product attention (Vaswani et al. 2017): query, key, value [T, H] -> [T, H]. Tokens with
// mask [B, L] zero are not attended to; their own rows are computed all the same. window [1, Lk, Lq] or nil is added to every head's scores.
//
// Heads are treated in groups, each a few [L, L] matrices: groups run at the same time, and the scores of all heads never lie in
// memory together. The matrices are kept transposed, keys by queries, so that neither pass transposes anything of that size.
func (b *builder) attention(query, key, value, mask, window *Node) *Node {
	query = MulScalar(query, 1/math.Sqrt(float64(b.headSize())))
	bias := MulScalar(OneMinus(mask), masked) // [B, L], added to the scores of a key
	var saved []savedGroup
	return withGradient([]*Node{query, key, value}, func() *Node {
		q, k, v := b.splitHeads(query), b.splitHeads(key), b.splitHeads(value)
		contexts := make([]*Node, len(q))
		for i := range q {
			group := attend(q[i], k[i], v[i], b.groupBias(bias, i), window)
			saved = append(saved, group)
			contexts[i] = TransposeAllAxes(group.context, 0, 2, 1) // [n, L, D]
		}
		return b.mergeHeads(contexts)
	}, func(adjoint *Node) []*Node {
		adjoints := b.splitHeads(adjoint)
		gradients := [3][]*Node{}
		for i, group := range saved {
			for j, gradient := range group.gradients(adjoints[i]) {
				gradients[j] = append(gradients[j], gradient)
			}
		}
		return []*Node{b.mergeHeads(gradients[0]), b.mergeHeads(gradients[1]), b.mergeHeads(gradients[2])}
	})
}

// masked is the score of a token that is not attended to: so low that its share is zero, and finite, so that a row without any token is too.
const masked = -1e30

// savedGroup is what the backward pass of n heads needs from the forward pass.
type savedGroup struct {
	query, key, value *Node // [n, L, D], the query already scaled
	probabilities     *Node // [n, Lk, Lq], each column sums to one
	context           *Node // [n, D, Lq]
}

// attend computes n heads: q, k, v [n, L, D], bias [n, L, 1] for each key, window [1, Lk, Lq] or nil.
func attend(q, k, v, bias, window *Node) savedGroup {
	// The bias rides in the product as one more column: [k, bias]·[q, 1]ᵀ.
	n, l := q.Shape().Dim(0), q.Shape().Dim(1)
	scores := Einsum("nkd,nqd->nkq", Concatenate([]*Node{k, bias}, -1), Concatenate([]*Node{q, ones(q.Graph(), n, l, 1)}, -1))
	if window != nil {
		scores = Add(scores, BroadcastToDims(window, n, l, l))
	}
	probabilities := Softmax(scores, 1) // [n, Lk, Lq]
	context := Einsum("ndk,nkq->ndq", TransposeAllAxes(v, 0, 2, 1), probabilities)
	return savedGroup{query: q, key: k, value: v, probabilities: probabilities, context: context}
}

// gradients returns those of query, key and value, each [n, L, D], given that of the output, [n, Lq, D].
func (s savedGroup) gradients(adjoint *Node) []*Node {
	g, n, l, d := adjoint.Graph(), adjoint.Shape().Dim(0), adjoint.Shape().Dim(1), adjoint.Shape().Dim(2)
	adjointT := TransposeAllAxes(adjoint, 0, 2, 1)                                     // [n, D, Lq]
	delta := Neg(Einsum("nid,ndq->niq", ones(g, n, 1, d), Mul(adjointT, s.context)))   // [n, 1, Lq]
	withOne := Concatenate([]*Node{s.value, ones(g, n, l, 1)}, 2)                      // [n, Lk, D+1]
	slope := Einsum("nkd,ndq->nkq", withOne, Concatenate([]*Node{adjointT, delta}, 1)) // softmax's Jacobian, but for ·p
	dScores := Mul(s.probabilities, slope)                                             // [n, Lk, Lq]
	dQuery := TransposeAllAxes(Einsum("ndk,nkq->ndq", TransposeAllAxes(s.key, 0, 2, 1), dScores), 0, 2, 1)
	return []*Node{dQuery, Einsum("nkq,nqd->nkd", dScores, s.query), Einsum("nkq,nqd->nkd", s.probabilities, adjoint)}
}

// minGroups is how many groups of heads there should be at the least, so that processors have independent work.
const minGroups = 4

// groupSize is the number of heads in a group: all heads of one text, or a part of them when the texts are few.
func (b *builder) groupSize() int {
	size := b.config.Heads
	for size > 1 && size%2 == 0 && b.batch*b.config.Heads/size < minGroups {
		size /= 2
	}
	return size
}

// splitHeads cuts [T, H] into groups of n heads, each [n, L, D]: the groups of the first text, then those of the second, and so on.
func (b *builder) splitHeads(x *Node) []*Node {
	x = Reshape(x, b.batch, b.length, b.config.HiddenSize)
	size, d := b.groupSize(), b.headSize()
	var groups []*Node
	for text := range b.batch {
		for first := 0; first < b.config.Heads; first += size {
			heads := make([]*Node, size)
			for i := range heads {
				start := (first + i) * d
				heads[i] = Slice(x, AxisElem(text), AxisRange(), AxisRange(start, start+d)) // [1, L, D]
			}
			groups = append(groups, Concatenate(heads, 0))
		}
	}
	return groups
}

// mergeHeads undoes splitHeads.
func (b *builder) mergeHeads(groups []*Node) *Node {
	perText := len(groups) / b.batch
	texts := make([]*Node, b.batch)
	for text := range texts {
		var heads []*Node
		for _, group := range groups[text*perText : (text+1)*perText] {
			for i := range group.Shape().Dim(0) {
				heads = append(heads, Reshape(Slice(group, AxisElem(i)), b.length, b.headSize()))
			}
		}
		texts[text] = Concatenate(heads, 1) // [L, H]
	}
	return Concatenate(texts, 0)
}

// groupBias is the part of bias [B, L] that concerns group i, for each of its n heads: [n, L, 1].
func (b *builder) groupBias(bias *Node, i int) *Node {
	text := i / (b.config.Heads / b.groupSize())
	return BroadcastToDims(Reshape(Slice(bias, AxisElem(text)), 1, b.length, 1), b.groupSize(), b.length, 1)
}
