package crstest

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// backend is the server that the tests are written for: it answers 200 with
// nothing, and to POST /reflect what the request asks for in JSON.
func backend(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	if r.Method != http.MethodPost || strings.TrimSuffix(r.URL.Path, "/") != "/reflect" {
		return
	}
	var answer struct {
		Status      int               `json:"status"`
		Headers     map[string]string `json:"headers"`
		Body        string            `json:"body"`
		EncodedBody string            `json:"encodedBody"`
		LogMessage  string            `json:"logMessage"`
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err == nil && answer.Body == "" {
		body, err = base64.StdEncoding.DecodeString(answer.EncodedBody)
		answer.Body = string(body)
	}
	if err != nil || answer.Status != 0 && (answer.Status < 100 || answer.Status >= 600) {
		http.Error(w, "this is nothing to reflect", http.StatusBadRequest)
		return
	}
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	if answer.Status != 0 {
		w.WriteHeader(answer.Status)
	}
	io.WriteString(w, answer.Body) //nolint:errcheck // the client is gone then
}
