#requires -Version 7.6
<#
    The demo: our own TCP, held in this shell, fetches a page from a real server and shows every segment.
    As root the server is one of the kernel's in a network namespace, reached over a TUN device; otherwise it is a second
    stack of ours on a wire in memory. Nothing is left behind, also after Ctrl+C.
#>
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../../TcpTools.psd1"
. "$PSScriptRoot/../../tests/Lab/Lab.ps1"

$script:good = $true
function Confirm-Claim([bool] $Holds, [string] $Claim) {
    $script:good = $script:good -and $Holds
    Write-Host "  $($Holds ? 'ok    ' : 'FAILED')  $Claim"
}

# Opens a session, fetches the page, and closes.
function Get-Page([string] $Server, $Stack, [scriptblock] $Serve) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $session = Open-TcpSession $Server 80 -Stack $Stack
    $opened = $clock.Elapsed.TotalMilliseconds
    $session | Send-TcpData "GET / HTTP/1.1`r`nHost: $Server`r`nConnection: close`r`n`r`n"
    & $Serve
    $head, $body = ($session | Receive-TcpData -All -AsString) -split "`r`n`r`n", 2
    $session | Close-TcpSession
    $null = $session | Wait-TcpSession Closed
    [pscustomobject] @{
        Session = $session
        Status  = ($head -split "`r`n")[0]
        Body    = $body
        Opened  = $opened
        Total   = $clock.Elapsed.TotalMilliseconds
    }
}

# Fetches the page and tells what happened: the second time, when everything has been compiled.
function Show-Exchange([string] $Server, [string] $Page, $Stack, [scriptblock] $Serve = {}) {
    $null = Get-Page $Server $Stack $Serve
    $Stack.Trace.Clear()
    $fetched = Get-Page $Server $Stack $Serve
    $session = $fetched.Session
    Write-Host ('{0}:{1} opened a session to {2}:80 in {3:F2} ms, fetched {4} bytes, and was done after {5:F2} ms.' -f
        $session.LocalAddress, $session.LocalPort, $Server, $fetched.Opened, $fetched.Body.Length, $fetched.Total)
    $segments = $Stack.Trace.Snapshot()
    Write-Host "`
$([TcpTools.Stack.SegmentLadder]::Render($segments, 30))`
`
Verified:"
    Confirm-Claim ($fetched.Status -match ' 200 ' -and $fetched.Body -ceq $Page) `
        "the page is what the server was given, byte for byte ($($fetched.Status))"
    Confirm-Claim ($session.CloseReason -eq 'Finished') 'both sides closed in order, each FIN acknowledged'
    Confirm-Claim (-not ($segments | Where-Object { $_.Flags.HasFlag([TcpTools.Wire.TcpFlags]::Rst) })) "no RST among the $($segments.Count) segments"
}

# What a careless demo would leave on the host.
function Get-Remains {
    Get-ChildItem /sys/class/net, ([System.IO.Path]::GetTempPath()) -Filter tcptools* -ErrorAction Ignore | ForEach-Object FullName
    Get-ChildItem /run/netns -Filter "tcptools-$PID-*" -ErrorAction Ignore | ForEach-Object FullName
    ip route show table all | Where-Object { $_ -match 'tcptools' }
}

function Show-KernelServer {
    $page = "<!doctype html>`n<title>TcpTools</title>`n<p>Every byte of this page was carried by a TCP of our own.</p>`n" +
        -join (1..140 | ForEach-Object { "<p>Line ${_}: long enough to need more than one segment.</p>`n" })
    $before = @(Get-Remains)
    $place = New-LabNamespace
    $stack = $null
    try {
        # Without offloads every packet is complete on the device: the checksums that the kernel checks are ours.
        $stack = Start-TcpStack 10.9.0.2/24 -PeerAddress 10.9.0.1 -NetworkNamespace $place.Name -NoOffload -Trace -Name demo
        if (Test-LabCommand nginx) {
            $null = Start-LabWebServer $place 10.9.0.1 80 @{ 'index.html' = $page }
            $kind = [TcpTools.Lab.NginxServer]::Version
        }
        else {
            $null = Start-LabServer $place 10.9.0.1 80 Page $page
            $kind = "a small server on the kernel's TCP"
        }
        Write-Host "A namespace with $kind at 10.9.0.1:80; our stack has 10.9.0.2 on the TUN device $($stack.Link.Name)."
        Show-Exchange 10.9.0.1 $page $stack
        Confirm-Claim ($stack.Counters['TcpInCsumErrors'] -eq 0 -and $stack.Counters['TcpInErrs'] -eq 0) `
            'we found no error and no wrong checksum in what we got from the kernel'
        if (Test-LabCommand curl) {
            $seen = (Invoke-LabCommand $place curl -s http://10.9.0.1/).Output
            Confirm-Claim ($seen.TrimEnd() -ceq $page.TrimEnd()) "curl, over the kernel's own TCP, gets the same page"
        }
        $names, $values = (Invoke-LabCommand $place cat /proc/net/snmp).Output -split "`n" -match '^Tcp:' | ForEach-Object { , ($_ -split ' ') }
        $errors = 'InErrs', 'InCsumErrors' | ForEach-Object { [long] $values[[array]::IndexOf($names, $_)] }
        Confirm-Claim (-not ($errors -ne 0)) 'the kernel found no error and no wrong checksum in what it got from us'
    }
    finally {
        if ($stack) { Stop-TcpStack $stack -Force }
        Remove-LabNamespace $place
    }

    $left = @(Get-Remains | Where-Object { $_ -notin $before })
    Confirm-Claim ($left.Count -eq 0) ($left ? "left behind: $left" : 'nothing is left behind: no namespace, device, route or process')
}

function Show-OwnServer {
    $page = "<!doctype html>`n<title>TcpTools</title>`n" + ("<p>Carried on both sides by a TCP of our own.</p>`n" * 100)
    $wire = New-PacketWire
    $server = $client = $null
    try {
        $server = Start-TcpStack 10.9.0.1/24 -Link $wire.A -Name server
        $client = Start-TcpStack 10.9.0.2/24 -Link $wire.B -Name client -Trace
        $listener = Start-TcpListener 80 -Stack $server
        Write-Host 'Two stacks on a wire in memory: one serves at 10.9.0.1:80, the other fetches.'
        Show-Exchange 10.9.0.1 $page $client {
            $accepted = $listener | Receive-TcpSession
            $null = $accepted | Receive-TcpData -Until "`r`n`r`n"
            $accepted | Send-TcpData "HTTP/1.1 200 OK`r`nContent-Length: $($page.Length)`r`nConnection: close`r`n`r`n$page"
            $accepted | Close-TcpSession
        }
    }
    finally {
        $client, $server | Where-Object { $_ } | Stop-TcpStack
    }

    Confirm-Claim (@(Get-TcpStack).Count -eq 0 -and $client.PendingTimers -eq 0 -and $server.PendingTimers -eq 0) `
        'nothing is left behind: no stack, no session and no timer'
}

$obstacle = Get-LabObstacle
if ($obstacle) {
    Write-Host "No namespace for a server of the kernel's ($obstacle), so both sides are ours."
    Show-OwnServer
}
else {
    Show-KernelServer
}

exit ($script:good ? 0 : 1)
