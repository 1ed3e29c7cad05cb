package kubetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long a cluster may take to be ready, and a change to take
// effect. It is long because many tests may share a slow machine; nothing waits
// for it unless something is wrong.
const patience = 3 * time.Minute

// A Cluster is a running API server. Its methods may be called at the same time.
type Cluster struct {
	etcd, server *process
	url          string
	token        string
	http         *http.Client

	kinds    kinds
	probes   atomic.Int64 // how many probes of policies there have been
	mu       sync.Mutex
	warnings []string
}

// Start starts a cluster for one test, with the CRDs in place. It is stopped
// when the test ends.
func Start(t testing.TB) *Cluster {
	t.Helper()
	c, err := start(t.TempDir())
	t.Cleanup(c.stop) // before the folder is removed
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var shared struct {
	sync.Mutex
	running bool // within Run
	dir     string
	cluster *Cluster
	err     error
}

// Run runs the tests of a package, and then stops the cluster that they have
// shared, if any:
//
//	func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }
func Run(m *testing.M) int {
	shared.running = true
	defer func() {
		shared.cluster.stop()
		if shared.dir != "" {
			_ = os.RemoveAll(shared.dir)
		}
	}()
	return m.Run()
}

// Shared returns the cluster that the tests of a package share; the first call
// starts it. The package's TestMain has to call [Run]. What a test applies stays,
// so tests use namespaces of their own, and leave no policy behind that touches
// those of others.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.running {
		t.Fatal("kubetest.Shared needs func TestMain(m *testing.M) { os.Exit(kubetest.Run(m)) }, which stops the cluster")
	}
	if shared.cluster == nil && shared.err == nil {
		shared.dir, shared.err = os.MkdirTemp("", "kubetest-")
		if shared.err == nil {
			shared.cluster, shared.err = start(shared.dir)
		}
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// start starts a cluster that keeps its files in dir. The cluster has to be
// stopped even if there is an error.
func start(dir string) (*Cluster, error) {
	tools, err := findToolbox()
	if err != nil {
		return nil, err
	}
	k, err := newKeys(dir)
	if err != nil {
		return nil, err
	}

	var (
		crds    []object
		crdsErr error
		reading sync.WaitGroup
	)
	reading.Go(func() { crds, crdsErr = tools.crds() }) // it takes a second, as the server does

	// Somebody else may take a port between its choice and its use.
	var c *Cluster
	for try := range 3 {
		c, err = boot(tools, k, filepath.Join(dir, fmt.Sprint("try", try)))
		if !errors.Is(err, errPortTaken) {
			break
		}
		c.stop()
	}
	reading.Wait()
	if err := errors.Join(err, crdsErr); err != nil {
		return c, err
	}
	return c, c.prepare(crds)
}

// stop ends the programs. A nil cluster has none.
func (c *Cluster) stop() {
	if c == nil {
		return
	}
	c.http.CloseIdleConnections()
	c.server.stop()
	c.etcd.stop()
}

// boot starts etcd and the API server, and waits until the latter is ready.
func boot(tools toolbox, k *keys, dir string) (*Cluster, error) {
	etcdBin, err := tools.binary("etcd")
	if err != nil {
		return nil, err
	}
	serverBin, err := tools.binary("kube-apiserver")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	etcdPort, port, err := twoPorts()
	if err != nil {
		return nil, err
	}

	c := &Cluster{url: fmt.Sprintf("https://127.0.0.1:%d", port), token: k.token, http: newHTTP(k.authority)}
	etcdURL := fmt.Sprintf("https://127.0.0.1:%d", etcdPort)
	c.etcd, err = launch("etcd", filepath.Join(dir, "etcd.log"), etcdBin,
		"--data-dir="+filepath.Join(dir, "etcd"),
		"--listen-client-urls="+etcdURL,
		"--advertise-client-urls="+etcdURL,
		"--listen-peer-urls=http://127.0.0.1:0", // there are no peers
		"--cert-file="+k.serverCert,
		"--key-file="+k.serverKey,
		"--trusted-ca-file="+k.authorityFile,
		"--client-cert-auth",
		"--unsafe-no-fsync", // nobody needs the data after a crash
		"--log-level=warn",
	)
	if err != nil {
		return c, err
	}
	// A client that finds nobody waits for a second before it tries again.
	if err := c.untilListening(fmt.Sprintf("127.0.0.1:%d", etcdPort)); err != nil {
		return c, err
	}
	c.server, err = launch("kube-apiserver", filepath.Join(dir, "kube-apiserver.log"), serverBin,
		"--etcd-servers="+etcdURL,
		"--etcd-cafile="+k.authorityFile,
		"--etcd-certfile="+k.serverCert,
		"--etcd-keyfile="+k.serverKey,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--advertise-address=127.0.0.1", // there may be no other
		"--tls-cert-file="+k.serverCert,
		"--tls-private-key-file="+k.serverKey,
		"--token-auth-file="+k.tokenFile,
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+k.accountKey,
		"--service-account-signing-key-file="+k.accountKey,
		"--service-cluster-ip-range=10.96.0.0/16",
		"--endpoint-reconciler-type=none",
		// Without it privileged pods are refused whatever the policies say, and
		// a test of the policies would show nothing.
		"--allow-privileged=true",
		"--enable-admission-plugins=PodSecurity,ValidatingAdmissionPolicy,LimitRanger,ResourceQuota,ServiceAccount",
	)
	if err != nil {
		return c, err
	}
	return c, c.untilReady()
}

// untilListening waits until etcd is there.
func (c *Cluster) untilListening(address string) error {
	return poll(c.etcd.lastWords, func() (bool, error) {
		if err := c.etcd.alive(); err != nil {
			return false, err
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false, nil
		}
		return true, conn.Close()
	})
}

// untilReady waits until the API server says that it is ready.
func (c *Cluster) untilReady() error {
	return poll(c.server.lastWords, func() (bool, error) {
		for _, p := range []*process{c.etcd, c.server} {
			if err := p.alive(); err != nil {
				return false, err
			}
		}
		_, err := c.request(http.MethodGet, "/readyz", "", nil)
		return err == nil, nil
	})
}

// poll asks until the answer is yes or there is an error. Once patience has run
// out, it returns the error that late makes.
func poll(late func(what string) error, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		yes, err := ask()
		if yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return late(fmt.Sprintf("is not ready after %v", patience))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// twoPorts returns two ports that nobody listens on.
func twoPorts() (a, b int, err error) {
	var listeners [2]net.Listener
	var ports [2]int
	for i := range listeners {
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return 0, 0, err
		}
		defer listeners[i].Close()
		ports[i] = listeners[i].Addr().(*net.TCPAddr).Port
	}
	return ports[0], ports[1], nil
}
