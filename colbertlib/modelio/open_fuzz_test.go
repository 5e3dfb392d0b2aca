package modelio

import (
	"encoding/binary"
	"testing"
	"testing/fstest"
)

// FuzzOpen changes the JSON files of a folder, which decide how everything else is read.
func FuzzOpen(f *testing.F) {
	const config = `{"hidden_size":2,"max_position_embeddings":8}`
	f.Add(config, `[{"path":"","type":"a.Transformer"},{"path":"1_Dense","type":"pylate.models.Dense.Dense"}]`, `{"model_type":"ColBERT","skiplist_words":["a"]}`, `{}`)
	f.Add(config, `[{"path":"","type":"a.Transformer"},{"path":"n","type":"b.multi_vector_encoder.Normalize"}]`, `{"prompts":{"query":"q"}}`, `{"query_expansion":{"strategy":"min","length":3}}`)
	f.Add(config, `[{"path":"","type":"a.Transformer"},{"type":"Pooling"}]`, `{}`, `{"max_seq_length":3}`)
	f.Fuzz(func(t *testing.T, config, modules, model, transformer string) {
		header := `{"linear.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`
		weights := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+"12345678"...)
		f, err := Open(fstest.MapFS{
			"config.json": {Data: []byte(config)}, "modules.json": {Data: []byte(modules)}, "model.safetensors": {Data: weights},
			"config_sentence_transformers.json": {Data: []byte(model)}, "sentence_bert_config.json": {Data: []byte(transformer)},
			"tokenizer.json":            {Data: []byte(`{"model":{"vocab":{"a":0,"[MASK]":1}}}`)},
			"1_Dense/config.json":       {Data: []byte(`{"in_features":2,"out_features":1,"bias":false,"activation_function":"torch.nn.modules.linear.Identity"}`)},
			"1_Dense/model.safetensors": {Data: weights},
		}, ".")
		if err != nil {
			return
		}
		defer f.Close()
		if err := f.check(source{}); err != nil {
			t.Errorf("opened, but %v", err)
		}
	})
}
