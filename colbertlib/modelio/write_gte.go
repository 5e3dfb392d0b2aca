package modelio

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// nativeGTE turns the configuration of Alibaba-NLP's own code (model_type "new"), which transformers would have to fetch from the Hub and run,
// into that of the GTE which transformers has since 5.23. The tensors are the same, under the same names. Its fixed "ntk" scaling by f is linear
// scaling by f^(2/d) of a base of theta·f, d being the size of an attention head.
func nativeGTE(config map[string]any, tensors []Tensor) error {
	content, err := json.Marshal(config)
	if err != nil {
		return err
	}
	original := struct {
		Hidden  int     `json:"hidden_size"`
		Heads   int     `json:"num_attention_heads"`
		Theta   float64 `json:"rope_theta"`
		Scaling *struct {
			Type   string   `json:"type"`
			Factor float64  `json:"factor"`
			MixedB *float64 `json:"mixed_b"`
		} `json:"rope_scaling"`
	}{Theta: 10000} // the original class's default
	if err := json.Unmarshal(content, &original); err != nil {
		return fmt.Errorf("config.json: %w", err)
	}
	rope := map[string]any{"rope_type": "default", "rope_theta": original.Theta}
	if scaling := original.Scaling; scaling != nil {
		if scaling.Type != "ntk" || scaling.MixedB != nil || original.Heads < 1 || !(scaling.Factor >= 1) {
			return errors.New("config.json: transformers' own GTE has no such rope_scaling")
		}
		size := float64(original.Hidden / original.Heads)
		rope = map[string]any{"rope_type": "linear", "rope_theta": original.Theta * scaling.Factor, "factor": math.Pow(scaling.Factor, 2/size)}
	}
	tokenTypes := 0
	if i := slices.IndexFunc(tensors, func(t Tensor) bool { return t.Name == "embeddings.token_type_embeddings.weight" }); i >= 0 {
		tokenTypes = tensors[i].Shape[0]
	}
	for _, key := range []string{"auto_map", "rope_theta", "rope_scaling"} {
		delete(config, key)
	}
	config["model_type"], config["architectures"] = "gte", []any{"GteModel"}
	config["rope_parameters"], config["type_vocab_size"] = rope, tokenTypes
	return nil
}
