module fathom

go 1.26
