package mesh

import (
	"fathom/control"
	"fathom/estate"
)

var revocation = control.Control{
	ID:       "mesh.revocation",
	Title:    "A revoked or expired peer is refused",
	Why:      "A workload that was taken over keeps its identity after everybody knows",
	Threats:  []control.Threat{control.LateralMovement},
	Phase:    control.LongTerm,
	Severity: control.Medium,
	World:    control.Anywhere,
	Maps:     []string{"PCI DSS 4.0.1 4.2.1"},
	Check:    checkRevocation,
	Aside:    "it ends what an identity may do once somebody has seen that it was stolen",
}

// checkRevocation judges what files can show of it: whether an authority says
// at all that a certificate is revoked (CRL or OCSP), or signs only for so short
// that ending the renewal is enough. That proxies ask, and close the
// connections they have, is for a drill to show.
func checkRevocation(e *estate.Estate) []control.Result {
	cas := estate.All[*estate.PrivateCA](e)
	if len(cas) == 0 {
		if s := look(e); !s.any() && e.HasKubernetes() {
			return s.none()
		}
		return nil
	}
	below := false
	for _, ca := range cas {
		below = below || ca.Kind.Default("SUBORDINATE").Is("SUBORDINATE") != estate.No
	}
	var out []control.Result
	for _, ca := range cas {
		if below && ca.Kind.Is("ROOT") == estate.Yes {
			continue // it signs authorities; those sign services
		}
		out = append(out, revokes(ca))
	}
	return out
}

func revokes(ca *estate.PrivateCA) control.Result {
	if ca.Usage.Is("SHORT_LIVED_CERTIFICATE") == estate.Yes {
		return control.Is(ca, control.Evidence{At: ca.Usage.Pos(), Saw: "its certificates live 7 days at most"})
	}
	published, at, why := estate.No, ca.Revocation.At, ca.Revocation.Why
	if why != "" {
		published = estate.Maybe
	}
	for _, r := range ca.Revocation.Items {
		for _, b := range append(r.CRL.Items, r.OCSP.Items...) {
			on := b.Enabled.Default(false).Is(true)
			if on == estate.Maybe && why == "" {
				why = b.Enabled.Why()
			}
			published = published.Or(on)
		}
	}
	if ca.Usage.Unknown() {
		published, why = published.Or(estate.Maybe), ca.Usage.Why()
	}
	switch published {
	case estate.Yes:
		return control.Is(ca, control.Evidence{At: at, Saw: "revocation is published"})
	case estate.Maybe:
		return control.Unsure(ca, at, "whether "+ca.ID.Addr+" publishes revocation is not known: "+why)
	}
	return control.Not(ca, control.Mistake{
		At:      at,
		Summary: "the authority " + ca.ID.Addr + " publishes no revocation, neither CRL nor OCSP, and its certificates are not short-lived",
		Fix:     `set usage_mode = "SHORT_LIVED_CERTIFICATE", or add revocation_configuration with crl_configuration or ocsp_configuration enabled`,
	})
}
