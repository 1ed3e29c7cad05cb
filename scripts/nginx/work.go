package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// work is one kind of request.
type work struct{ name, method, path, kind, body string }

var works = []work{
	{"GET", "GET", "/products/4711?colour=blue&size=42", "", ""},
	{"login form", "POST", "/login", "application/x-www-form-urlencoded", "email=anna.smith%40example.com&password=correct+horse+battery+staple&remember=on&next=%2Fcart"},
	{"JSON checkout", "POST", "/checkout", "application/json", `{"cart":"c-81736","items":[{"sku":"SHOE-42-BLUE","quantity":1,"price":"89.90"},{"sku":"SOCK-42","quantity":3,"price":"4.95"}],"address":{"name":"Anna Smith","street":"Long Lane 5","city":"Leeds","postcode":"LS1 4AP"},"note":"Ring twice, please"}`},
}

// sample is what wrk measured: milliseconds, and microseconds of processor time
// a request.
type sample struct {
	rate, p50, p99, cpu float64
	refused             int
}

var (
	rateLine    = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	totalLine   = regexp.MustCompile(`(\d+) requests in`)
	refusedLine = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
	brokenLine  = regexp.MustCompile(`Socket errors: .*`)
	quantiles   = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([\d.]+)(us|ms|s)$`)
)

// wrk asks one proxy for one kind of request, for a while.
func (b *bench) wrk(ctx context.Context, p *process, w work) (sample, error) {
	script := fmt.Sprintf("wrk.method = %q\nwrk.headers[\"User-Agent\"] = %q\nwrk.headers[\"Accept\"] = \"text/html,*/*;q=0.8\"\n",
		w.method, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	// The Core Rule Set does not like a host that is an address.
	script += "wrk.headers[\"Host\"] = \"shop.example\"\n"
	if w.body != "" {
		script += fmt.Sprintf("wrk.body = %q\nwrk.headers[\"Content-Type\"] = %q\n", w.body, w.kind)
	}
	file := b.file("wrk.lua")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		return sample{}, err
	}
	_, on := processors()
	before := p.spent()
	out, err := exec.CommandContext(ctx, "taskset", "-c", on, "wrk", "--latency", "-t1", "-c", strconv.Itoa(b.clients),
		"-d", strconv.Itoa(max(1, int(b.each/time.Second))), "--timeout", "10s", "-s", file, "https://"+p.address+w.path).Output()
	if err != nil {
		return sample{}, err
	}
	spent := p.spent() - before
	if broken := brokenLine.Find(out); broken != nil {
		return sample{}, errors.New(string(broken))
	}
	var s sample
	s.rate = number(rateLine, out)
	s.refused = int(number(refusedLine, out))
	for _, m := range quantiles.FindAllStringSubmatch(string(out), -1) {
		v, _ := strconv.ParseFloat(m[2], 64)
		v *= map[string]float64{"us": 0.001, "ms": 1, "s": 1000}[m[3]]
		if m[1] == "50" {
			s.p50 = v
		} else {
			s.p99 = v
		}
	}
	total := number(totalLine, out)
	if total == 0 {
		return sample{}, errors.New("no request was answered")
	}
	s.cpu = float64(spent.Microseconds()) / total
	return s, nil
}

// guards makes sure that a proxy does its work before it is measured: an attack
// is refused by those that have a firewall and by no other.
func (p *process) guards(waf bool) error {
	want := http.StatusOK
	if waf {
		want = http.StatusForbidden
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, // the certificate is of this run, on loopback
	}}
	q, err := http.NewRequest("GET", "https://"+p.address+"/?id=1%27%20union%20select%20password%20from%20users--%20&x=%3Cscript%3Ealert(1)%3C/script%3E", nil)
	if err != nil {
		return err
	}
	q.Host = "shop.example"
	q.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	a, err := client.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != want {
		return fmt.Errorf("an attack was answered with %d; want %d", a.StatusCode, want)
	}
	return nil
}

func number(re *regexp.Regexp, text []byte) float64 {
	m := re.FindSubmatch(text)
	if m == nil {
		return 0
	}
	v, _ := strconv.ParseFloat(string(m[1]), 64)
	return v
}

// writeCertificate makes the one certificate of all proxies.
func (b *bench) writeCertificate() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost", "shop.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(b.file("cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(b.file("key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
	)
}
