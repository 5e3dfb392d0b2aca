package fakeapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

func ExampleNew() {
	api, err := fakeapi.New(fakeapi.Options{Jobs: 20, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(api)
	defer server.Close()
	response, err := http.Get(server.URL + "/v2/jobs") // without an appname
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	fmt.Printf("%d, %d jobs, %.14s…, %v", response.StatusCode, len(api.IDs()), answer, err)
	// Output: 400, 20 jobs, {"status":400,…, <nil>
}

func ExampleAPI_Fail() {
	api, err := fakeapi.New(fakeapi.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	api.Fail(fakeapi.Challenge, fakeapi.Unavailable)
	for range 3 {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/v2/jobs?appname="+fakeapi.Appname, nil))
		fmt.Println(recorder.Code, recorder.Header().Get("Content-Type"))
	}
	fmt.Println(api.Calls(), "calls")
	// Output:
	// 202 text/html; charset=UTF-8
	// 503 text/html; charset=UTF-8
	// 200 application/json
	// 3 calls
}

func ExampleAPI_Put() {
	api, err := fakeapi.New(fakeapi.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = api.Put(map[string]any{"id": 9000003, "title": "HR Assistant", "status": "published"})
	fmt.Println(api.IDs(), err)
	// Output: [9000003] <nil>
}

func ExampleAPI_Touch() {
	api, err := fakeapi.New(fakeapi.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = api.Put(map[string]any{"id": 9000003, "title": "HR Assistant", "status": "published"})
	fmt.Println(api.Touch(9000003, " (edited)"), api.Touch(9000004, " (edited)"), err)
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/v2/jobs/9000003?profile=minimal&appname="+fakeapi.Appname, nil))
	fmt.Println(strings.Contains(recorder.Body.String(), "HR Assistant (edited)"))
	// Output:
	// true false <nil>
	// true
}
