#requires -Version 7.6
<#
    What the tests of errors, of stopping and of the kernel share: stacks in real time, waiting for conditions, and the
    lab. To be dot-sourced in BeforeDiscovery, where that needs to know what there is, and in BeforeAll.
#>
$moduleRoot = "$(Resolve-Path "$PSScriptRoot/../..")"
. "$moduleRoot/tests/Lab/Lab.ps1"

# The command to start another PowerShell with.
$childPowerShell = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'

# Two stacks on a wire: .Client at 10.0.0.1, .Server at 10.0.0.2, .Wire. Further parameters go to both stacks.
function New-StackPair([hashtable] $Wire = @{}, [hashtable] $Stack = @{}) {
    $made = New-PacketWire @Wire
    [pscustomobject] @{
        Wire   = $made
        Client = Start-TcpStack 10.0.0.1/24 -Link $made.A @Stack
        Server = Start-TcpStack 10.0.0.2/24 -Link $made.B @Stack
    }
}

# A pair with one session: .Session is the client's end of it, .Peer the server's.
function New-StackSession([hashtable] $Wire = @{}, [hashtable] $Stack = @{}, [int] $Port = 7) {
    $pair = New-StackPair -Wire $Wire -Stack $Stack
    $listener = Start-TcpListener $Port -Stack $pair.Server
    $session = Open-TcpSession 10.0.0.2 $Port -Stack $pair.Client
    $pair | Add-Member Listener $listener
    $pair | Add-Member Session $session
    $pair | Add-Member Peer ($listener | Receive-TcpSession)
    $pair
}

# Waits for a condition, with a limit; fails when it does not come.
function Wait-Until([scriptblock] $Condition, [double] $Seconds = 20) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $pause = [System.Threading.ManualResetEventSlim]::new()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "Waited $Seconds s in vain for: $Condition" }
        $null = $pause.Wait(10)
    }
}

# The error that a script block makes, terminating or not, with its id: one, or the test fails.
function Get-TheError([scriptblock] $Code) {
    $caught = $null
    $found = @(try { & $Code 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } } catch { $caught = $_ })
    if ($caught) { $found += $caught }
    if ($found.Count -ne 1) { throw "$($found.Count) errors instead of one from: $Code`n$found" }
    $found[0]
}
