# Expressions whose values real Terraform 1.11.4 gave; want.json holds them.
# To record them again: terraform init && terraform apply -auto-approve &&
# terraform output -json > want.json (and remove the state).

locals {
  map   = { a = 1, b = "two", c = true }
  list  = ["x", "y", "z"]
  empty = []
  rules = [{ p = 80, d = "web" }, { p = 443 }]
  nested = {
    eu = { zones = ["a", "b"], on = true }
    us = { zones = ["c"], on = false }
  }
}

variable "opt" {
  type = object({
    name  = string
    size  = optional(number, 3)
    tags  = optional(map(string), {})
    inner = optional(object({ a = optional(string, "x"), b = optional(bool) }), {})
    list  = optional(list(object({ k = string, v = optional(string, "d") })), [])
  })
  default = { name = "n", list = [{ k = "1" }, { k = "2", v = "e" }] }
}
variable "ports" {
  type    = set(number)
  default = ["443", 80, 80]
}
variable "any" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "nn" {
  type     = string
  default  = "fallback"
  nullable = false
}

output "v000" {
  value = abs(-12.4)
}
output "v001" {
  value = ceil(5.1)
}
output "v002" {
  value = floor(-5.1)
}
output "v003" {
  value = log(16, 2)
}
output "v004" {
  value = max(12, 54, 3)
}
output "v005" {
  value = min([12, 54, 3]...)
}
output "v006" {
  value = parseint("FF", 16)
}
output "v007" {
  value = pow(3, 2)
}
output "v008" {
  value = signum(-13)
}
output "v009" {
  value = sum([10, 13, 6, 4.5])
}
output "v010" {
  value = chomp("hello\n\n")
}
output "v011" {
  value = endswith("hello world", "world")
}
output "v012" {
  value = format("Hello, %s! %d %5.2f %t %v %q %#v %%", "Ander", 3, 1.5, true, [1], "q", {a=1})
}
output "v013" {
  value = format("%03d|%-5s|%5s|%x|%b|%e", 7, "ab", "cd", 255, 5, 12345.678)
}
output "v014" {
  value = formatlist("%s-%s", "a", ["x", "y"])
}
output "v015" {
  value = formatlist("%s", [])
}
output "v016" {
  value = indent(2, "a\nb\nc")
}
output "v017" {
  value = join(", ", ["foo", "bar"])
}
output "v018" {
  value = join("-", ["a"], ["b", "c"])
}
output "v019" {
  value = join(",", [])
}
output "v020" {
  value = lower("HELLO")
}
output "v021" {
  value = upper("é")
}
output "v022" {
  value = title("hello world")
}
output "v023" {
  value = regex("[a-z]+", "53453453.345345aaabbbccc23454")
}
output "v024" {
  value = regex("(\\d\\d\\d\\d)-(\\d\\d)", "2019-02-01")
}
output "v025" {
  value = regex("^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?", "https://terraform.io/docs/")
}
output "v026" {
  value = regexall("[a-z]+", "1234abcd5678efgh9")
}
output "v027" {
  value = length(regexall("[a-z]+", "123"))
}
output "v028" {
  value = replace("1 + 2 + 3", "+", "-")
}
output "v029" {
  value = replace("hello world", "/w.*d/", "everybody")
}
output "v030" {
  value = replace("a-b", "/(a)-(b)/", "$2$1")
}
output "v031" {
  value = split(",", "foo,bar,")
}
output "v032" {
  value = split(",", "")
}
output "v033" {
  value = startswith("hello", "he")
}
output "v034" {
  value = strcontains("hello", "ell")
}
output "v035" {
  value = strrev("hello")
}
output "v036" {
  value = substr("hello world", 1, 4)
}
output "v037" {
  value = substr("hello", -3, -1)
}
output "v038" {
  value = trim("?!hello?!", "!?")
}
output "v039" {
  value = trimprefix("helloworld", "hello")
}
output "v040" {
  value = trimsuffix("helloworld", "world")
}
output "v041" {
  value = trimspace("  hello\n\n")
}
output "v042" {
  value = alltrue(["true", true])
}
output "v043" {
  value = alltrue([])
}
output "v044" {
  value = anytrue([false, "true"])
}
output "v045" {
  value = chunklist(["a","b","c"], 2)
}
output "v046" {
  value = coalesce("", "b")
}
output "v047" {
  value = coalesce(null, 1, 2)
}
output "v048" {
  value = coalescelist([], ["c", "d"])
}
output "v049" {
  value = compact(["a", "", "b", null, "c"])
}
output "v050" {
  value = concat(["a", ""], ["b"])
}
output "v051" {
  value = concat([], local.list, [1])
}
output "v052" {
  value = contains(["a", "b"], "a")
}
output "v053" {
  value = contains([1, 2], 3)
}
output "v054" {
  value = distinct(["a", "b", "a"])
}
output "v055" {
  value = element(["a", "b", "c"], 4)
}
output "v057" {
  value = flatten([["a", "b"], [], ["c", ["d"]]])
}
output "v058" {
  value = flatten([for k, v in local.nested : [for z in v.zones : { k = k, z = z }]])
}
output "v059" {
  value = index(["a", "b"], "b")
}
output "v060" {
  value = keys(local.map)
}
output "v061" {
  value = values({b = 2, a = 1})
}
output "v062" {
  value = length("hello")
}
output "v063" {
  value = length({a = 1})
}
output "v064" {
  value = length([1, 2])
}
output "v065" {
  value = lookup({a = "ay"}, "c", "what?")
}
output "v066" {
  value = lookup({a = "ay"}, "a", "what?")
}
output "v067" {
  value = matchkeys(["i-1", "i-2", "i-3"], ["us-w", "us-e", "us-e"], ["us-e"])
}
output "v068" {
  value = merge({a = "b"}, {a = [1, 2], c = "z"}, null)
}
output "v069" {
  value = merge([{a = 1}, {b = 2}]...)
}
output "v070" {
  value = one([])
}
output "v071" {
  value = one(["x"])
}
output "v072" {
  value = one(toset(["y"]))
}
output "v073" {
  value = range(3)
}
output "v074" {
  value = range(1, 4)
}
output "v075" {
  value = range(4, 0, -2)
}
output "v076" {
  value = reverse([1, 2, 3])
}
output "v077" {
  value = setintersection(["a", "b"], ["b", "c"])
}
output "v078" {
  value = setproduct(["app1"], ["dev", "prod"])
}
output "v079" {
  value = setsubtract(["a", "b"], ["b"])
}
output "v080" {
  value = setunion(["a"], ["b"])
}
output "v081" {
  value = slice(["a", "b", "c", "d"], 1, 3)
}
output "v082" {
  value = sort(["e", "d", "a"])
}
output "v083" {
  value = transpose({"a" = ["1", "2"], "b" = ["2", "3"]})
}
output "v084" {
  value = zipmap(["a", "b"], [1, 2])
}
output "v085" {
  value = base64decode("SGVsbG8gV29ybGQ=")
}
output "v086" {
  value = base64encode("Hello World")
}
output "v087" {
  value = csvdecode("a,b\n1,2\n3,4\n")
}
output "v088" {
  value = jsondecode("{\"hello\": [1, true, null, {\"a\": 1.5}]}")
}
output "v089" {
  value = jsonencode({"hello" = "world", l = [1, "a", null, true], "<" = "&"})
}
output "v090" {
  value = textdecodebase64("SABlAGwAbABvAA==", "UTF-16LE")
}
output "v091" {
  value = textencodebase64("Hello", "UTF-16LE")
}
output "v092" {
  value = urlencode("Hello World & ü")
}
output "v093" {
  value = yamldecode("a: 1\nb: &x [q, w]\nc: *x\nd: {e: null}\n")
}
output "v094" {
  value = yamlencode({a = 1, b = ["x", {c = true}]})
}
output "v095" {
  value = basename("foo/bar/baz.txt")
}
output "v096" {
  value = dirname("foo/bar/baz.txt")
}
output "v097" {
  value = file("${path.module}/hello.txt")
}
output "v098" {
  value = fileexists("${path.module}/hello.txt")
}
output "v099" {
  value = fileexists("nope.txt")
}
output "v100" {
  value = fileset(path.module, "files/**/*.txt")
}
output "v101" {
  value = fileset("files", "*")
}
output "v102" {
  value = filebase64("hello.txt")
}
output "v103" {
  value = filemd5("hello.txt")
}
output "v104" {
  value = filesha256("hello.txt")
}
output "v105" {
  value = filebase64sha512("hello.txt")
}
output "v106" {
  value = templatefile("t.tftpl", { name = "n", ports = [80, 443], on = true })
}
output "v107" {
  value = formatdate("DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z")
}
output "v108" {
  value = timeadd("2017-11-22T00:00:00Z", "10m")
}
output "v109" {
  value = timecmp("2017-11-22T00:00:00Z", "2017-11-22T01:00:00Z")
}
output "v110" {
  value = base64sha256("hello world")
}
output "v111" {
  value = md5("hello world")
}
output "v112" {
  value = sha1("hello world")
}
output "v113" {
  value = sha256("hello world")
}
output "v114" {
  value = sha512("hello world")
}
output "v115" {
  value = uuidv5("dns", "www.terraform.io")
}
output "v116" {
  value = uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.terraform.io")
}
output "v117" {
  value = cidrhost("10.12.112.0/20", 16)
}
output "v118" {
  value = cidrhost("10.12.112.0/20", -1)
}
output "v119" {
  value = cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)
}
output "v120" {
  value = cidrnetmask("172.16.0.0/12")
}
output "v121" {
  value = cidrsubnet("172.16.0.0/12", 4, 2)
}
output "v122" {
  value = cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)
}
output "v123" {
  value = cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)
}
output "v124" {
  value = [for cidr_block in cidrsubnets("10.0.0.0/8", 8, 8) : cidrsubnets(cidr_block, 4, 4)]
}
output "v125" {
  value = can(local.map.nope)
}
output "v126" {
  value = can(regex("^a", "abc"))
}
output "v127" {
  value = try(local.map.nope, local.nested.eu.nope, "fallback")
}
output "v128" {
  value = try(local.rules[7].p, null)
}
output "v129" {
  value = tobool("true")
}
output "v130" {
  value = tolist(["a", 1])
}
output "v131" {
  value = tomap({a = 1, b = "x"})
}
output "v132" {
  value = tonumber("1.5")
}
output "v133" {
  value = toset(["b", "a", "b"])
}
output "v134" {
  value = tostring(12.5)
}
output "v135" {
  value = nonsensitive(sensitive("x"))
}
output "v136" {
  value = 1 + 2 * 3 - 4 / 2 % 3
}
output "v137" {
  value = -(3)
}
output "v138" {
  value = !true || true && false
}
output "v139" {
  value = 1 == 1.0
}
output "v140" {
  value = "1" == 1
}
output "v141" {
  value = [] == []
}
output "v142" {
  value = {a = 1} == {a = 1}
}
output "v143" {
  value = "a" != "b"
}
output "v144" {
  value = 2 >= 2
}
output "v145" {
  value = true ? "yes" : "no"
}
output "v146" {
  value = false ? 1 : "no"
}
output "v147" {
  value = "${local.map.a}-${local.map["b"]}"
}
output "v148" {
  value = "%{ if true }yes%{ else }no%{ endif }"
}
output "v149" {
  value = "%{ for x in local.list ~} ${x} %{ endfor }"
}
output "v150" {
  value = <<-EOT
    a
      b ${local.list[0]}
    c
  EOT
}
output "v151" {
  value = [for x in local.list : upper(x)]
}
output "v152" {
  value = [for i, x in local.list : "${i}=${x}"]
}
output "v153" {
  value = {for i, x in local.list : x => i}
}
output "v154" {
  value = {for k, v in local.nested : k => v.zones if v.on}
}
output "v155" {
  value = {for k, v in local.nested : v.on => k...}
}
output "v156" {
  value = [for k, v in local.map : k]
}
output "v157" {
  value = [for x in toset(["b", "a"]) : x]
}
output "v158" {
  value = local.rules[*].p
}
output "v159" {
  value = local.rules.*.p
}
output "v160" {
  value = [for r in local.rules : lookup(r, "d", null)]
}
output "v161" {
  value = local.nested["eu"].zones[1]
}
output "v162" {
  value = local.list[*]
}
output "v163" {
  value = local.map[*].a
}
output "v164" {
  value = null[*]
}
output "v165" {
  value = var.opt
}
output "v166" {
  value = var.ports
}
output "v167" {
  value = var.any
}
output "v168" {
  value = var.nn
}
output "v169" {
  value = tolist(var.ports)[0]
}
output "v170" {
  value = element(concat(local.empty, [""]), 0)
}
output "v171" {
  value = length(local.empty) > 0 ? local.empty[0] : "none"
}
output "v172" {
  value = [for p in setproduct(["a", "b"], [1, 2]) : "${p[0]}${p[1]}"]
}
output "v173" {
  value = path.module
}
output "v174" {
  value = path.root
}
output "v175" {
  value = terraform.workspace
}
output "v176" {
  value = { "quoted key" = 1, (local.list[0]) = 2, plain = 3 }
}
output "v177" {
  value = "escaped $${not} %%{not} \" \\ \u00e9"
}
output "v178" {
  value = 10 / 4
}
output "v179" {
  value = 1e3
}
output "v180" {
  value = 100000000000000000000
}
output "v181" {
  value = 0.1 + 0.2
}
output "v182" {
  value = 3 % -2
}
output "v184" {
  value = jsonencode(null)
}
output "v185" {
  value = jsonencode(var.opt)
}
output "v186" {
  value = trimspace(yamlencode("multi\nline"))
}
output "v187" {
  value = tolist(toset(["z", "a"]))
}
output "v188" {
  value = lookup(var.any, "a", 0)
}
output "v189" {
  value = keys(local.nested)
}
output "v190" {
  value = [for s in ["10.0.0.0/24", "10.0.1.0/24"] : cidrhost(s, 1)]
}
output "v191" {
  value = coalesce(var.nn, "z")
}
output "v192" {
  value = merge({ for k, v in local.nested : k => v.on }, { zz = null })
}
output "v194" {
  value = format("%v", {b = [1, "x"], a = null})
}
output "v195" {
  value = replace("a.b.c", ".", "")
}
output "v196" {
  value = strrev("日本語")
}
output "v197" {
  value = substr("日本語", 1, 1)
}
output "v198" {
  value = length("日本語")
}
