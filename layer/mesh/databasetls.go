package mesh

import (
	"regexp"
	"strconv"
	"strings"

	"fathom/control"
	"fathom/estate"
)

// databases judges whether databases refuse plaintext, which is a parameter of
// the engine: one parameter group is one mistake, however many use it.
func databases(e *estate.Estate) []control.Result {
	groups := map[estate.ID]*estate.DBParameters{}
	used := map[estate.ID][]database{}
	var order []estate.ID
	var out []control.Result
	add := func(d database, ref estate.Ref[*estate.DBParameters]) {
		found := estate.To(e, ref)
		for _, g := range found {
			if groups[g.ID] == nil {
				groups[g.ID] = g
				order = append(order, g.ID)
			}
			used[g.ID] = append(used[g.ID], d)
		}
		if len(found) == 0 {
			out = append(out, d.groupless(ref))
		}
	}
	for _, c := range estate.All[*estate.DBCluster](e) {
		add(database{c, c.Engine, c.EngineVersion}, c.Parameters)
	}
	for _, i := range estate.All[*estate.DBInstance](e) {
		if i.ReplicaOf.Set() != estate.No && i.Engine.Absent() && i.Parameters.Absent() {
			continue // it has the parameters of the database it copies
		}
		add(database{i, i.Engine, i.EngineVersion}, i.Parameters)
	}
	for _, id := range order {
		out = append(out, grouped(groups[id], used[id]))
	}
	return out
}

// database is a database with what its parameters' defaults depend on.
type database struct {
	estate.Resource
	engine, version estate.Str
}

// parameter is the name of the setting that refuses plaintext in an engine, or
// "" for one that has none.
func parameter(engine string) string {
	switch {
	case strings.Contains(engine, "postgres"), strings.Contains(engine, "sqlserver"):
		return "rds.force_ssl"
	case strings.Contains(engine, "mysql"), strings.Contains(engine, "mariadb"), engine == "aurora":
		return "require_secure_transport"
	}
	return ""
}

// byDefault says whether an engine refuses plaintext when nobody says so: RDS
// for PostgreSQL from 15, Aurora PostgreSQL from 17. The newest MySQL and
// MariaDB do too; from which version on is not relied upon here.
func byDefault(engine string, version float64) estate.Truth {
	yes := func(from float64) estate.Truth {
		switch {
		case version == 0:
			return estate.Maybe
		case version >= from:
			return estate.Yes
		}
		return estate.No
	}
	switch {
	case engine == "aurora-postgresql":
		return yes(17)
	case strings.Contains(engine, "postgres"):
		return yes(15)
	case engine == "mysql", engine == "aurora-mysql":
		return yes(8.4).And(estate.Maybe)
	case engine == "mariadb":
		return yes(11.8).And(estate.Maybe)
	}
	return estate.No
}

var number = regexp.MustCompile(`\d+(\.\d+)?`)

// major is the first number of a version or of a parameter group's family:
// "16.4", "aurora-postgresql16", "8.0.mysql_aurora.3.05.2".
func major(text string) float64 {
	f, _ := strconv.ParseFloat(number.FindString(text), 64)
	return f
}

// groupless judges a database that names no parameter group of the estate.
func (d database) groupless(ref estate.Ref[*estate.DBParameters]) control.Result {
	addr := d.Meta().ID.Addr
	engine, ok := d.engine.Known()
	param := parameter(engine)
	name, named := ref.Known()
	family, isDefault := strings.CutPrefix(name, "default.")
	switch {
	case !ok:
		return control.Unsure(d, d.engine.Pos(), "whether database "+addr+" refuses plaintext is not known: its engine is "+d.engine.String())
	case param == "":
		return control.Unsure(d, d.engine.Pos(), "whether database "+addr+" refuses plaintext is not set by a parameter of "+engine)
	case !ref.Absent() && !isDefault:
		what := "parameter group " + ref.String() + " is not in what was read"
		if !named && ref.Unknown() && len(ref.To) == 0 {
			what = ref.Why()
		}
		return control.Unsure(d, ref.Pos(), "whether database "+addr+" refuses plaintext is not known: "+what)
	}
	v, _ := d.version.Known()
	version := major(v)
	if isDefault {
		version = major(family)
	}
	why := "the default of " + param + " depends on the version of " + engine + ", which is " + d.version.String()
	return control.Judge(byDefault(engine, version), d, control.Mistake{
		At:       ref.Pos(),
		Summary:  "database " + addr + " takes plaintext: it has no parameter group that sets " + param + ", and " + engine + " does not refuse by default",
		Fix:      "give it a parameter group with " + param + " = " + yes(param),
		Evidence: []control.Evidence{{At: or(ref.Pos(), d.Meta().Pos), Saw: param + " is left to the default of " + engine + " " + v}},
	}, "whether database "+addr+" refuses plaintext is not known: "+why)
}

// yes is how the setting is switched on.
func yes(param string) string {
	if param == "require_secure_transport" {
		return "ON"
	}
	return "1"
}

// grouped judges a parameter group for the databases that use it.
func grouped(g *estate.DBParameters, ds []database) control.Result {
	family, _ := g.Family.Known()
	if family == "" {
		family, _ = ds[0].engine.Known()
	}
	param := parameter(family)
	for _, p := range g.Parameters.Items {
		if param == "" || p.Name.Is(param) != estate.Yes {
			continue
		}
		return set(g, ds, param, p.Value)
	}
	switch {
	case g.Parameters.Why != "":
		return control.Unsure(g, g.Parameters.At, "the parameters of "+g.ID.Addr+" are not known: "+g.Parameters.Why)
	case param == "":
		return control.Unsure(g, g.Family.Pos(), "which setting refuses plaintext depends on the family of "+g.ID.Addr+", which is "+g.Family.String())
	}
	engine := strings.TrimRight(family, "0123456789.")
	return control.Judge(byDefault(engine, major(family)), g, control.Mistake{
		Summary:  "database " + users(ds) + " takes plaintext: its parameter group " + g.ID.Addr + " does not set " + param + ", and " + family + " does not refuse by default",
		Fix:      "add parameter { name = \"" + param + "\", value = \"" + yes(param) + "\" }",
		Evidence: []control.Evidence{{At: g.Pos, Saw: param + " is left to the default of " + family}},
	}, "whether database "+users(ds)+" refuses plaintext is not known: the default of "+param+" depends on the version")
}

func set(g *estate.DBParameters, ds []database, param string, v estate.Str) control.Result {
	return control.Judge(v.In("1", "ON", "on", "true"), g, control.Mistake{
		At:       v.Pos(),
		Summary:  "database " + users(ds) + " takes plaintext: " + param + " is " + v.String() + " in its parameter group " + g.ID.Addr,
		Fix:      "set " + param + " to " + yes(param),
		Evidence: []control.Evidence{{At: v.Pos(), Saw: param + " = " + v.String()}},
	}, "whether database "+users(ds)+" refuses plaintext is not known: "+v.Why())
}

func users(ds []database) string {
	var all []string
	for _, d := range ds {
		all = append(all, d.Meta().ID.Addr)
	}
	return control.Few(all, 3)
}
