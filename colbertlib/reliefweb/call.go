package reliefweb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	attempts     = 5
	longestWait  = 2 * time.Minute // that the client waits by itself; if the API asks for more, the caller decides
	maxComplaint = 64 << 10        // bytes that are read of an answer that is an error
	// userAgent is honest about what asks.
	userAgent = "jobtagger (https://github.com/jobtagger/jobtagger)"
)

// call makes a request, over and again if that may help, and returns the answer, decoded and as it was received.
func (c *Client) call(ctx context.Context, method, path string, parameters url.Values, body []byte) (envelope, []byte, error) {
	for attempt := 0; ; attempt++ {
		answer, raw, err := c.try(ctx, method, path, parameters, body)
		if err == nil {
			return answer, raw, nil
		}
		err = fmt.Errorf("reliefweb: %s %s: %w", method, path, err)
		wait, again := pause(attempt, err)
		if !again || ctx.Err() != nil {
			return envelope{}, nil, err
		}
		if c.OnRetry != nil {
			c.OnRetry(err, wait)
		}
		select {
		case <-ctx.Done():
			return envelope{}, nil, fmt.Errorf("%w, while waiting after: %w", ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}

// pause says whether to try again after err, and when: after what the API asks for, or else after a time that doubles and is random by half.
func pause(attempt int, err error) (wait time.Duration, again bool) {
	if attempt+1 >= attempts {
		return 0, false
	}
	wait = time.Duration(float64(time.Second) * float64(int(1)<<attempt) * (0.5 + rand.Float64()))
	var status *StatusError
	if errors.As(err, &status) {
		return max(wait, status.RetryAfter), status.temporary() && status.RetryAfter <= longestWait
	}
	var timeout net.Error
	return wait, errors.As(err, &timeout) && timeout.Timeout()
}

// try makes a request once.
func (c *Client) try(ctx context.Context, method, path string, parameters url.Values, body []byte) (envelope, []byte, error) {
	request, err := c.request(ctx, method, path, parameters, body)
	if err != nil {
		return envelope{}, nil, err
	}
	if c.Budget != nil {
		if err := c.Budget.spend(ctx, c.account()); err != nil {
			return envelope{}, nil, err
		}
	}
	client := *c.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return envelope{}, nil, withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return envelope{}, nil, c.refusal(response)
	}
	if kind := response.Header.Get("Content-Type"); !isJSON(kind) {
		return envelope{}, nil, &AnswerError{fmt.Errorf("it is %.60q, not JSON", kind)}
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxPage+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return envelope{}, nil, &AnswerError{fmt.Errorf("it is cut off: %w", err)}
	case err != nil:
		return envelope{}, nil, withoutURL(err)
	case len(raw) > maxPage:
		return envelope{}, nil, &AnswerError{fmt.Errorf("it is longer than %d bytes; ask for fewer jobs at once", maxPage)}
	}
	raw = c.redact(raw)
	answer, err := decodeEnvelope(raw)
	if err != nil {
		return envelope{}, nil, &AnswerError{err}
	}
	return answer, raw, nil
}

func (c *Client) request(ctx context.Context, method, path string, parameters url.Values, body []byte) (*http.Request, error) {
	at := c.endpoint.JoinPath(path)
	query := url.Values{"appname": {c.appname}}
	for key, values := range parameters {
		query[key] = values
	}
	at.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, withoutURL(err)
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// withoutURL takes the address, which has the appname in it, out of an error of net/http.
func withoutURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

// redacted stands where the appname was.
const redacted = "REDACTED"

// redact takes the appname out of an answer, which repeats it in its links.
func (c *Client) redact(content []byte) []byte {
	return bytes.ReplaceAll(content, []byte("appname="+c.appname), []byte("appname="+redacted))
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// refusal reads an answer with a status other than 200.
func (c *Client) refusal(response *http.Response) error {
	e := &StatusError{Status: response.StatusCode, RetryAfter: retryAfter(response.Header.Get("Retry-After"))}
	e.Challenge = e.Status == http.StatusAccepted && (response.Header.Get("X-Amzn-Waf-Action") == "challenge" || !isJSON(response.Header.Get("Content-Type")))
	content, err := io.ReadAll(io.LimitReader(response.Body, maxComplaint))
	if err != nil {
		return e // the status says enough
	}
	var wire struct {
		Error struct{ Type, Message string }
	}
	if isJSON(response.Header.Get("Content-Type")) && json.Unmarshal(content, &wire) == nil {
		e.Type, e.Message = c.harmless(wire.Error.Type), c.harmless(wire.Error.Message)
	}
	return e
}

// harmless is a server's text as it may stand in an error: short, on one line, without the appname.
func (c *Client) harmless(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, c.appname, redacted)), " ")
	if letters := []rune(text); len(letters) > 500 {
		return string(letters[:500]) + "…"
	}
	return text
}

// retryAfter reads a number of seconds or a date; 0 for anything else.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 7*24*3600)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at).Round(time.Second), 0)
	}
	return 0
}

// account names the appname and the endpoint in the budget's file, without giving the appname away.
func (c *Client) account() string { return hash([]byte(c.endpoint.String() + " " + c.appname))[:16] }
