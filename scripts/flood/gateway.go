package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"fathom/layer/edge/gateway"
)

// The gateway's configuration and web ACL, as a shop would write them.
var (
	//go:embed testdata/gateway.yaml
	gatewayYAML string
	//go:embed testdata/acl.json
	aclJSON string
)

// writeConfig writes what the gateway is started with, and returns its file and
// the authority of its certificate.
func writeConfig(dir, shop string, s settings) (string, *x509.CertPool, error) {
	roots, err := writeCertificate(dir)
	if err != nil {
		return "", nil, err
	}
	text := strings.ReplaceAll(gatewayYAML, "SHOP", shop)
	if s.Bare {
		before, _, _ := strings.Cut(text, "# guard\n")
		text = before + "overload: {off: true}\n"
	}
	if s.Profile != "" {
		path, err := filepath.Abs(s.Profile)
		if err != nil {
			return "", nil, err
		}
		text = "# profile " + path + "\n" + text
	}
	file := filepath.Join(dir, "gateway.yaml")
	if err := os.WriteFile(filepath.Join(dir, "acl.json"), []byte(aclJSON), 0o600); err != nil {
		return "", nil, err
	}
	return file, roots, os.WriteFile(file, []byte(text), 0o600)
}

// writeCertificate makes a certificate for localhost that vouches for itself.
func writeCertificate(dir string) (*x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return pool, errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
	)
}

// runGateway is the gateway of this repository, started as fathom gateway
// starts it. The first line says where it listens.
func runGateway(ctx context.Context, file string, stdout, stderr io.Writer) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	config, problems := gateway.Parse(file, source)
	for _, p := range problems {
		fmt.Fprintln(stderr, p)
	}
	if config == nil {
		return errors.New("the gateway's configuration is not good")
	}
	if path, ok := strings.CutPrefix(strings.SplitN(string(source), "\n", 2)[0], "# profile "); ok {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	s, err := gateway.New(config, gateway.Options{Log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	fmt.Fprintln(stdout, net.JoinHostPort("127.0.0.1", port(s.Addrs()[0])))
	<-ctx.Done()
	return s.Shutdown(context.WithoutCancel(ctx))
}

func port(a net.Addr) string {
	_, p, _ := net.SplitHostPort(a.String())
	return p
}
