package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWhatComputesIsChosen(t *testing.T) {
	workplace(t)
	tag := func(args ...string) (status int, stderr string) {
		status, _, stderr = jobtagger(t, "", append([]string{"tag", "--model", "my/encoder", "--labels", "labels.json", "ad.txt"}, args...)...)
		return status, stderr
	}
	if status, stderr := tag(); status != fine || strings.Contains(stderr, "computing with") {
		t.Errorf("named by the environment: status %d\n%s", status, stderr)
	}
	if status, stderr := tag("--backend", "auto"); status != fine || !strings.Contains(stderr, "computing with ") {
		t.Errorf("chosen by the program: status %d\n%s", status, stderr)
	}
	if status, stderr := tag("--backend", "gogo"); status != failure || !strings.Contains(stderr, `no backend "gogo"`) {
		t.Errorf("an unknown one: status %d\n%s", status, stderr)
	}
	t.Setenv("ONNXRUNTIME_SHARED_LIBRARY_PATH", "/no/such/library.so")
	if status, stderr := tag("--backend", "auto"); status != fine || !strings.Contains(stderr, "jobtagger: backend: ") || !strings.Contains(stderr, "computing with ") {
		t.Errorf("with a library that is not there: status %d\n%s", status, stderr)
	}
}

func TestDoctorListsBackends(t *testing.T) {
	t.Setenv("ONNXRUNTIME_SHARED_LIBRARY_PATH", "/no/such/library.so")
	var got struct {
		Backend  string
		Backends []examined
	}
	if err := json.Unmarshal([]byte(must(t, "", "doctor", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	problems := map[string]string{}
	for _, e := range got.Backends {
		problems[e.Name] = e.Problem
	}
	if len(problems) != 4 || problems["go"] != "" || problems["onnx"] == "" || got.Backend != "Go Backend" {
		t.Errorf("computes with %s; %v", got.Backend, problems)
	}
}

func TestFasterNamesWhatIsMissing(t *testing.T) {
	cuda, works := examined{Name: "xla:cuda", Problem: "no GPU"}, examined{Name: "go"}
	missing := examined{Name: "onnx", Problem: "found no library", remedy: "install"}
	for _, test := range []struct {
		list []examined
		want string
	}{
		{[]examined{cuda, missing, works}, "install"},
		{[]examined{cuda, works, missing}, ""},
		{[]examined{missing, {Name: "onnx"}, works}, ""}, // of two libraries, one is whole
		{[]examined{works}, ""},
	} {
		if got := faster(test.list); got != test.want {
			t.Errorf("%+v: %q, want %q", test.list, got, test.want)
		}
	}
}
