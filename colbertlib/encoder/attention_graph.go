package encoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// attention is multi-head scaled dot-product attention (Vaswani et al. 2017): query, key, value [T, H] -> [T, H]. Tokens with
// mask [B, L] zero are not attended to; their own rows are computed all the same. window [1, 1, Lk, Lq] or nil is added to every head's scores.
func (b *builder) attention(query, key, value, mask, window *Node) *Node {
	query = MulScalar(query, 1/math.Sqrt(float64(b.headSize())))
	if onGo(query) {
		return b.attentionInGroups(query, key, value, mask, window)
	}
	return b.attentionAtOnce(query, key, value, mask, window)
}

// attentionAtOnce treats all heads together, with matrices as libraries like them: every product is [m, k]·[k, n], and the softmax goes along rows
// (along columns ONNX Runtime takes three times as long).
func (b *builder) attentionAtOnce(query, key, value, mask, window *Node) *Node {
	bias := InsertAxes(MulScalar(OneMinus(mask), masked), 1, 1) // [B, 1, 1, L], added to the scores of a key
	var q, k, v, probabilities, context *Node
	return withGradient([]*Node{query, key, value}, func() *Node {
		q, k, v = b.heads(query), b.heads(key), b.heads(value)
		scores := Add(matrixProduct(q, swapLast(k)), bias) // [B, A, Lq, Lk]
		if window != nil {
			scores = Add(scores, swapLast(window))
		}
		probabilities = Softmax(scores, -1)
		context = matrixProduct(probabilities, v) // [B, A, L, D]
		return b.joinHeads(context)
	}, func(adjoint *Node) []*Node {
		a := b.heads(adjoint)
		delta := ReduceAndKeep(Mul(a, context), ReduceSum, -1)                   // [B, A, Lq, 1]
		dScores := Mul(probabilities, Sub(matrixProduct(a, swapLast(v)), delta)) // [B, A, Lq, Lk]
		dKey, dValue := matrixProduct(swapLast(dScores), q), matrixProduct(swapLast(probabilities), a)
		return []*Node{b.joinHeads(matrixProduct(dScores, k)), b.joinHeads(dKey), b.joinHeads(dValue)}
	})
}

// matrixProduct multiplies matrices: [B, A, m, k]·[B, A, k, n] -> [B, A, m, n].
func matrixProduct(x, y *Node) *Node { return Einsum("bamk,bakn->bamn", x, y) }

// heads cuts rows into heads: [T, H] -> [B, A, L, D].
func (b *builder) heads(x *Node) *Node {
	return TransposeAllAxes(b.split(x, b.config.Heads, b.headSize()), 0, 2, 1, 3)
}

// joinHeads undoes heads.
func (b *builder) joinHeads(x *Node) *Node {
	return flat(TransposeAllAxes(x, 0, 2, 1, 3), b.config.HiddenSize)
}

// attentionInGroups treats heads in groups, each a few [L, L] matrices: on the Go backend groups run at the same time, and the scores of all heads
// never lie in memory together. The matrices are kept transposed, keys by queries, so that neither pass transposes anything of that size.
func (b *builder) attentionInGroups(query, key, value, mask, window *Node) *Node {
	bias := InsertAxes(MulScalar(OneMinus(mask), masked), 1, -1) // [B, 1, L, 1], added to the scores of a key
	var saved []savedGroup
	return withGradient([]*Node{query, key, value}, func() *Node {
		q, k, v := b.splitHeads(query), b.splitHeads(key), b.splitHeads(value)
		contexts := make([]*Node, len(q))
		for i := range q {
			group := attend(q[i], k[i], v[i], b.groupBias(bias, i), window)
			saved = append(saved, group)
			contexts[i] = swapLast(group.context) // [B, n, L, D]
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

// savedGroup is what the backward pass of n heads of some texts needs from the forward pass.
type savedGroup struct {
	query, key, value *Node // [B, n, L, D], the query already scaled
	probabilities     *Node // [B, n, Lk, Lq], each column sums to one
	context           *Node // [B, n, D, Lq]
}

// attend computes n heads: q, k, v [B, n, L, D], bias [B, 1, L, 1] for each key, window [1, 1, Lk, Lq] or nil. The bias rides in the product as one
// more column: [k, bias]·[q, 1]ᵀ. The query is transposed beforehand, because compute's kernel for small matrices takes ten times as long where it has
// to do that itself (results/LOG.md, 2026-11-26).
func attend(q, k, v, bias, window *Node) savedGroup {
	dims := q.Shape().Dimensions
	column := BroadcastToDims(bias, dims[0], dims[1], dims[2], 1)
	row := ones(q.Graph(), dims[0], dims[1], 1, dims[2])                                                                // [B, n, 1, L]
	scores := Einsum("bnkd,bndq->bnkq", Concatenate([]*Node{k, column}, -1), Concatenate([]*Node{swapLast(q), row}, 2)) // [B, n, Lk, Lq]
	if window != nil {
		scores = Add(scores, window)
	}
	probabilities := Softmax(scores, 2) // [B, n, Lk, Lq]
	context := Einsum("bndk,bnkq->bndq", swapLast(v), probabilities)
	return savedGroup{query: q, key: k, value: v, probabilities: probabilities, context: context}
}

// gradients returns those of query, key and value, each [B, n, L, D], given that of the output, [B, n, Lq, D].
func (s savedGroup) gradients(adjoint *Node) []*Node {
	g, dims := adjoint.Graph(), adjoint.Shape().Dimensions
	b, n, l, d := dims[0], dims[1], dims[2], dims[3]
	adjointT := swapLast(adjoint)                                                          // [B, n, D, Lq]
	delta := Neg(Einsum("bnid,bndq->bniq", ones(g, b, n, 1, d), Mul(adjointT, s.context))) // [B, n, 1, Lq]
	withOne := Concatenate([]*Node{s.value, ones(g, b, n, l, 1)}, 3)                       // [B, n, Lk, D+1]
	slope := Einsum("bnkd,bndq->bnkq", withOne, Concatenate([]*Node{adjointT, delta}, 2))  // softmax's Jacobian, but for ·p
	dScores := Mul(s.probabilities, slope)                                                 // [B, n, Lk, Lq]
	dQuery := swapLast(Einsum("bndk,bnkq->bndq", swapLast(s.key), dScores))
	return []*Node{dQuery, Einsum("bnkq,bnqd->bnkd", dScores, s.query), Einsum("bnkq,bnqd->bnkd", s.probabilities, adjoint)}
}

// swapLast exchanges the last two of four axes.
func swapLast(x *Node) *Node { return TransposeAllAxes(x, 0, 1, 3, 2) }

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

// splitHeads cuts [T, H] into groups of n heads, each [1, n, L, D]: the groups of the first text, then those of the second, and so on.
func (b *builder) splitHeads(x *Node) []*Node {
	x = Reshape(x, b.batch, 1, b.length, b.config.HiddenSize)
	size, d := b.groupSize(), b.headSize()
	var groups []*Node
	for text := range b.batch {
		for first := 0; first < b.config.Heads; first += size {
			heads := make([]*Node, size)
			for i := range heads {
				start := (first + i) * d
				heads[i] = Slice(x, AxisElem(text), AxisRange(), AxisRange(), AxisRange(start, start+d)) // [1, 1, L, D]
			}
			groups = append(groups, Concatenate(heads, 1))
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
			for i := range group.Shape().Dim(1) {
				heads = append(heads, Reshape(Slice(group, AxisRange(), AxisElem(i)), b.length, b.headSize()))
			}
		}
		texts[text] = Concatenate(heads, 1) // [L, H]
	}
	return Concatenate(texts, 0)
}

// groupBias is the part of bias [B, 1, L, 1] that concerns group i.
func (b *builder) groupBias(bias *Node, i int) *Node {
	return Slice(bias, AxisElem(i/(b.config.Heads/b.groupSize())))
}
