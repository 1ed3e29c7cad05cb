package kubetest

import (
	"os/exec"
	"syscall"
)

// endWithParent makes sure that the program does not outlive a test that is
// killed.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
