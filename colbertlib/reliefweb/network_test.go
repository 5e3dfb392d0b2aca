package reliefweb

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

// inProcess carries requests to a handler without a network, so that time in tests may be made up.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		request.Body = http.NoBody
	}
	request.Host = request.URL.Host
	if err := request.Context().Err(); err != nil { // as http.Transport does, before it sends anything
		return nil, err
	}
	done := make(chan *http.Response, 1)
	go func() {
		recorder := httptest.NewRecorder()
		p.handler.ServeHTTP(recorder, request)
		done <- recorder.Result()
	}()
	select {
	case response := <-done:
		return response, nil
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
}

// newFake is a fake and a client of it that use no network.
func newFake(t *testing.T, options fakeapi.Options) (*fakeapi.API, *Client) {
	t.Helper()
	api := must(fakeapi.New(options))
	return api, newClient(t, api)
}

func newClient(t *testing.T, handler http.Handler) *Client {
	t.Helper()
	c := must(NewClient(Endpoint, fakeapi.Appname))
	c.HTTP.Transport = inProcess{handler}
	return c
}
