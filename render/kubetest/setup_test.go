package kubetest

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	empty := toolbox{t.TempDir()}
	_, noServer := empty.binary("kube-apiserver")
	_, noCRDs := empty.crds()
	for _, err := range []error{noServer, noCRDs} {
		if err == nil || !strings.HasSuffix(err.Error(), "; run make setup") {
			t.Errorf("got %v", err)
		}
	}
}

func TestAPortThatIsTakenIsNoticed(t *testing.T) {
	tools, err := findToolbox()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := tools.binary("etcd")
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	dir := t.TempDir()
	url := "http://" + taken.Addr().String()
	p, err := launch("etcd", filepath.Join(dir, "log"), bin,
		"--data-dir="+filepath.Join(dir, "data"), "--listen-client-urls="+url, "--advertise-client-urls="+url, "--listen-peer-urls=http://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	<-p.done
	if err := p.alive(); !errors.Is(err, errPortTaken) {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatFailsIsHeard(t *testing.T) {
	tools, err := findToolbox()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := tools.binary("kube-apiserver")
	if err != nil {
		t.Fatal(err)
	}
	p, err := launch("kube-apiserver", filepath.Join(t.TempDir(), "log"), bin, "--no-such-flag")
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	<-p.done
	if err := p.alive(); err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("got %v", err)
	}
}
