package hub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// longestSilence is how long a connection may say nothing before it counts as broken.
const longestSilence = time.Minute

var errSilence = errors.New("nothing came for too long")

// do sends a request, and ends it when nothing arrives for a while, be it the answer's beginning or more of its body.
func (c *Client) do(request *http.Request) (*http.Response, error) {
	limit := c.silence
	if limit == 0 {
		limit = longestSilence
	}
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(limit, func() { cancel(errSilence) })
	response, err := c.HTTP.Do(request.WithContext(ctx))
	timer.Stop()
	if err != nil {
		cancel(nil)
		return nil, err
	}
	response.Body = &watchedBody{response.Body, timer, limit, cancel}
	return response, nil
}

// watchedBody counts the time in which somebody waits for it, and not that in which its reader is busy.
type watchedBody struct {
	io.ReadCloser
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelCauseFunc
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.limit)
	defer b.timer.Stop()
	return b.ReadCloser.Read(p)
}

func (b *watchedBody) Close() error {
	b.cancel(nil)
	return b.ReadCloser.Close()
}
