// Package mesh holds the controls of the service mesh: who the services are to
// each other, and what they encrypt.
//
// The mesh that is read is Istio, with sidecars or in ambient mode, by the
// rules of its documentation (PeerAuthentication, AuthorizationPolicy,
// "Controlling the injection policy"). Linkerd is recognised and judged as far
// as its annotations tell; any other mesh is recognised and left unknown. A
// cluster whose files hold no mesh has none of these controls, and that is one
// mistake, which they share.
//
// Declared, it renders Istio: strict mutual TLS, a policy for each service with
// its callers and what they ask, an authority of ACM Private CA that signs for
// days, the gateway, and what istioctl and the charts of cert-manager's agents
// are told. It renders none of these installations themselves.
//
// Attacked, a call has to get past what it says to the caller: under his own
// name, in plaintext past his proxy, or with a certificate in another's name
// (Sign). Who may ask for some things only breaks nothing with them.
//
// It does not say who can call whom; that is the engine reach's answer.
package mesh
