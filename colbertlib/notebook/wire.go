package notebook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// The wire format of messages is that of Jupyter's messaging protocol 5.3: routing frames, this delimiter, the signature,
// and the four signed frames header, parent header, metadata and content.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html
const delimiter = "<IDS|MSG>"

// header is the part of a message header that both sides use.
type header struct {
	ID      string `json:"msg_id"`
	Kind    string `json:"msg_type"`
	Session string `json:"session"`
	User    string `json:"username"`
	Date    string `json:"date"`
	Version string `json:"version"`
}

// frames encodes a request.
func frames(id, kind string, content json.RawMessage, key []byte) [][]byte {
	h := header{id, kind, "notebook", "notebook", time.Now().UTC().Format(time.RFC3339Nano), "5.3"}
	signed := [][]byte{encode(h), []byte("{}"), []byte("{}"), content}
	return append([][]byte{[]byte(delimiter), sign(signed, key)}, signed...)
}

func sign(signed [][]byte, key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, frame := range signed {
		mac.Write(frame)
	}
	return []byte(hex.EncodeToString(mac.Sum(nil)))
}

// decode reads a message; ok is false if it is not one, or not signed with key.
func decode(frames [][]byte, key []byte) (m message, ok bool) {
	for len(frames) > 0 && string(frames[0]) != delimiter {
		frames = frames[1:]
	}
	if len(frames) < 6 || !hmac.Equal(frames[1], sign(frames[2:6], key)) {
		return message{}, false
	}
	var own, parent header
	if json.Unmarshal(frames[2], &own) != nil || json.Unmarshal(frames[3], &parent) != nil {
		return message{}, false
	}
	return message{own.Kind, parent.ID, frames[5]}, true
}
