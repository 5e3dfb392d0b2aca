// Package tokenize turns text into token ids and the byte span of the text behind each of them.
//
// It reads Hugging Face's tokenizer.json and gives the ids and offsets that Hugging Face's tokenizers library gives, for
// two families:
//
//   - BERT, MiniLM, DistilBERT, GTE: BertNormalizer, BertPreTokenizer, WordPiece;
//   - ModernBERT: NFC, ByteLevel, BPE.
//
// github.com/sugarme/tokenizer reads vocabulary and merges; normalising, splitting, special tokens within a text, offsets
// and truncation are done here, because sugarme's differ from Hugging Face's outside plain ASCII.
// TrainWordPiece makes a tokenizer.json of the first family from texts.
//
// Two differences are known. Hugging Face's offsets count code points, these count bytes of the UTF-8 text.
// A code point younger than Go's Unicode tables may be treated in another way.
package tokenize

import (
	"math"
	"sync"
)

// Encoding is one tokenised text: IDs[i] stems from text[Offsets[i][0]:Offsets[i][1]].
// Tokens that the post-processor added, [CLS] and [SEP], have the empty span {0, 0}.
type Encoding struct {
	IDs     []int32
	Offsets [][2]int // start and end in bytes; neither ever decreases from one token of the text to the next
	// Truncated says that maxLength cut tokens off.
	Truncated bool
}

// Tokenizer is one tokenizer.json, ready for use. It is safe for concurrent use.
type Tokenizer struct {
	model      model
	added      map[string]int32 // ids of the added tokens, among them the special ones
	tokens     map[int32]string
	vocabSize  int
	prefix     []int32  // what the post-processor puts before the text: [CLS]
	suffix     []int32  // and after it: [SEP]
	raw        addedSet // added tokens found in the text as it is
	normalized addedSet // added tokens found in the normalised text
	splitter   splitter
	// cut returns where the first chunk of text lies: what can be tokenised without looking at its neighbours.
	// Nothing before it makes a token. text is not empty, and neither is text[:end].
	cut     func(text string) (start, end int)
	cache   cache
	scratch sync.Pool // *normal
}

// splitter is the part of the pipeline that differs between families of tokenizers: normalising and pre-tokenising.
type splitter interface {
	// normalize puts a chunk into its normal form.
	normalize(n *normal)
	// words calls yield for the words of normalised text, in order, until it returns false.
	words(text []byte, yield func(start, end int) bool)
}

// model is a sub-word model: the words of the text in, pieces of its vocabulary out.
type model interface {
	// pieces appends the pieces of word, whose start and end count bytes of word.
	pieces(dst []piece, word []byte) []piece
	id(token string) (int32, bool)
}

// piece is a token and its span, in bytes of whatever it was cut from.
type piece struct {
	id         int32
	start, end int
}

// Encode tokenises text and adds the special tokens of the post-processor: [CLS] text [SEP].
//
// The result has at most maxLength tokens, the special ones included; what is too long loses tokens at its end and is
// marked Truncated. 0 means no limit. The truncation and padding of tokenizer.json are ignored: every call says what it
// wants. Work ends where the limit is reached, so that a long text costs no more than its used part.
//
// Encode accepts anything. An added token that is spelt out in the text, such as [MASK], gets its own id, as it does from
// Hugging Face's library. A byte that is no UTF-8 counts as U+FFFD, which BERT's normaliser drops. Where a byte-level
// vocabulary splits a character, each of its tokens has the span of the whole character.
func (t *Tokenizer) Encode(text string, maxLength int) Encoding {
	most := math.MaxInt - len(t.prefix) // how many tokens the text may have
	if maxLength > 0 {
		most = max(0, maxLength-len(t.prefix)-len(t.suffix))
	}
	const bytesPerToken = 4 // a little less than English has, so that most texts need no second allocation
	room := min(most, len(text)/bytesPerToken+8) + len(t.prefix) + len(t.suffix) + 1
	e := Encoding{IDs: make([]int32, 0, room), Offsets: make([][2]int, 0, room)}

	for _, id := range t.prefix {
		e.add(id, 0, 0)
	}
	last := len(t.prefix) + most
	t.encode(&e, text, last)
	if len(e.IDs) > last {
		e.cut(last)
		e.Truncated = true
	}
	for _, id := range t.suffix {
		e.add(id, 0, 0)
	}
	if maxLength > 0 && len(e.IDs) > maxLength { // a limit below the number of special tokens
		e.cut(maxLength)
	}
	return e
}

// encode appends the tokens of text and stops some time after there are more than last of them.
func (t *Tokenizer) encode(e *Encoding, text string, last int) {
	for at := 0; at < len(text) && len(e.IDs) <= last; {
		start, end, id := t.raw.find(text, at)
		t.encodeSegment(e, text[:start], at, last)
		if start < end {
			e.add(id, start, end)
		}
		at = end
	}
}

// encodeSegment appends the tokens of text[at:], which holds no added token that is matched before normalising.
func (t *Tokenizer) encodeSegment(e *Encoding, text string, at, last int) {
	for at < len(text) && len(e.IDs) <= last {
		start, end := t.cut(text[at:])
		chunk := text[at+start : at+end]
		at += start
		pieces, ok := t.cache.get(chunk)
		if !ok {
			most := last - len(e.IDs)
			pieces = t.pieces(chunk, most)
			if len(pieces) <= most {
				t.cache.put(chunk, pieces)
			}
		}
		for _, p := range pieces {
			e.add(p.id, at+p.start, at+p.end)
		}
		at += len(chunk)
	}
}

// pieces tokenises one chunk, the way of the library that is followed: normalise, take out the added tokens that are
// matched after normalising, split into words, split words into pieces. It may stop when there are more than most.
func (t *Tokenizer) pieces(chunk string, most int) []piece {
	n, _ := t.scratch.Get().(*normal)
	if n == nil {
		n = new(normal)
	}
	defer t.scratch.Put(n)
	n.reset(chunk)
	t.splitter.normalize(n)
	if t.normalized.empty() {
		return t.wordPieces(nil, n, 0, len(n.text), most)
	}
	var result []piece
	text := string(n.text)
	for at := 0; at < len(text) && len(result) <= most; {
		start, end, id := t.normalized.find(text, at)
		result = t.wordPieces(result, n, at, start, most)
		if start < end {
			result = append(result, piece{id, n.spans[start][0], n.spans[end-1][1]})
		}
		at = end
	}
	return result
}

// wordPieces appends the pieces of n.text[start:end], their spans counting bytes of the chunk.
func (t *Tokenizer) wordPieces(dst []piece, n *normal, start, end, most int) []piece {
	t.splitter.words(n.text[start:end], func(from, to int) bool {
		first := len(dst)
		dst = t.model.pieces(dst, n.text[start+from:start+to])
		for i, p := range dst[first:] {
			dst[first+i].start = n.spans[start+from+p.start][0]
			dst[first+i].end = n.spans[start+from+p.end-1][1]
		}
		return len(dst) <= most
	})
	return dst
}

func (e *Encoding) add(id int32, start, end int) {
	e.IDs = append(e.IDs, id)
	e.Offsets = append(e.Offsets, [2]int{start, end})
}

func (e *Encoding) cut(n int) {
	e.IDs, e.Offsets = e.IDs[:n], e.Offsets[:n]
}

// ID returns the id of a token, spelt as in tokenizer.json ("officer", "##ing", "Ġofficer", "[MASK]").
func (t *Tokenizer) ID(token string) (int32, bool) {
	if id, ok := t.added[token]; ok {
		return id, true
	}
	return t.model.id(token)
}

// Token returns the token with that id, "" if there is none.
func (t *Tokenizer) Token(id int32) string { return t.tokens[id] }

// VocabSize returns the highest id plus one, which is how many rows an embedding table needs at least.
func (t *Tokenizer) VocabSize() int { return t.vocabSize }

// PadID returns the id of [PAD], which fills batches, or of <pad>, its name in RoBERTa's family.
func (t *Tokenizer) PadID() (int32, bool) { return t.firstID("[PAD]", "<pad>") }

// MaskID returns the id of [MASK] or <mask>, which masked language modelling and query expansion need.
func (t *Tokenizer) MaskID() (int32, bool) { return t.firstID("[MASK]", "<mask>") }

func (t *Tokenizer) firstID(names ...string) (int32, bool) {
	for _, name := range names {
		if id, ok := t.ID(name); ok {
			return id, true
		}
	}
	return 0, false
}
