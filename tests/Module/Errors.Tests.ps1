. $PSScriptRoot/common.ps1

# What goes wrong gives one error, with an id that scripts can rely on, a category, and words that say what to do.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Host "skipped: errors of TUN devices: $obstacle" }
}

BeforeAll {
    . $PSScriptRoot/conditions.ps1

    # Runs a script in another PowerShell under a command such as setpriv, and gives what it prints as objects of an error.
    function Get-ChildError([string[]] $Prefix, [string] $Code) {
        $script = @"
`$ProgressPreference = 'Ignore'
Import-Module '$moduleRoot/TcpTools.psd1'
try { $Code; 'no error' } catch {
    [pscustomobject] @{ Id = `$_.FullyQualifiedErrorId; Category = "`$(`$_.CategoryInfo.Category)"; Message = "`$_"; Advice = `$_.ErrorDetails.RecommendedAction } | ConvertTo-Json -Compress
}
"@
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))
        $command, $arguments = $Prefix + $childPowerShell + '-NoProfile', '-NonInteractive', '-EncodedCommand', $encoded
        $text = & $command @arguments 2>&1 | Out-String
        if ($text -notmatch '(?m)^\{.*\}$') { throw "No error came: $text" }
        $Matches[0] | ConvertFrom-Json
    }

    # Asserts everything that an error owes its reader.
    function Assert-Error([scriptblock] $Code, [string] $Id, [string] $Category, [string] $Pattern) {
        $record = Get-TheError $Code
        $record.FullyQualifiedErrorId | Should -BeLike "$Id,TcpTools.PowerShell.*Command"
        $record.CategoryInfo.Category | Should -Be $Category
        "$record" | Should -Match $Pattern
        $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty -Because "'$record' should say what to do"
        $record
    }
}

AfterAll { Get-TcpStack | Stop-TcpStack -Force }

Describe 'Errors of starting a stack' {
    It 'says so when the user is not root' -Skip:([bool] $obstacle) {
        $prefix = 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', "HOME=$TestDrive", 'DOTNET_CLI_TELEMETRY_OPTOUT=1'
        $e = Get-ChildError $prefix 'Start-TcpStack'
        $e.Id | Should -Be 'NotPermitted,TcpTools.PowerShell.StartTcpStackCommand'
        $e.Category | Should -Be 'PermissionDenied'
        $e.Advice | Should -Match 'root'
    }

    It 'says so when there are no TUN devices' -Skip:([bool] $obstacle) {
        $e = Get-ChildError 'unshare', '--net', '--mount', 'sh', '-c', 'mount -t tmpfs none /dev/net && exec "$@"', 'sh' 'Start-TcpStack'
        $e.Id | Should -Be 'TunUnavailable,TcpTools.PowerShell.StartTcpStackCommand'
        $e.Category | Should -Be 'ObjectNotFound'
        $e.Advice | Should -Match 'modprobe tun'
    }

    It 'says so when <What>' -Skip:([bool] $obstacle) -ForEach @(
        @{ What = 'the kernel''s end has an address of the host'; Set = 'ip addr add 10.9.0.1/24 dev lo'; Code = 'Start-TcpStack 10.9.0.2/24'; Id = 'LinkInUse' }
        @{ What = 'the stack''s own address is the host''s'; Set = 'ip addr add 10.9.0.2/32 dev lo'; Code = 'Start-TcpStack 10.9.0.2/24'; Id = 'LinkInUse' }
        @{ What = 'the host reaches the stack''s network over another device'; Set = 'ip tuntap add mode tun name other && ip addr add 10.9.0.77/24 dev other && ip link set other up'; Code = 'Start-TcpStack 10.9.0.2/24'; Id = 'LinkInUse' }
        @{ What = 'the name of a device is taken'; Set = 'true'; Code = 'Start-TcpStack 10.9.0.2/24 -InterfaceName lo'; Id = 'LinkInUse' }
    ) {
        $e = Get-ChildError 'unshare', '--net', 'sh', '-c', "ip link set lo up && $Set && exec `"`$@`"", 'sh' $Code
        $e.Id | Should -Be "$Id,TcpTools.PowerShell.StartTcpStackCommand"
        $e.Category | Should -Be 'ResourceBusy'
        $e.Advice | Should -Not -BeNullOrEmpty
    }

    It 'gives the id <Id> for <Code>' -ForEach @(
        @{ Code = 'Start-TcpStack 10.0.0.1/24 -Manual -Virtual -Link (New-PacketWire).A'; Id = 'InvalidArgument' }
        @{ Code = 'Start-TcpStack 999.1.1.1'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Start-TcpStack 10.0.0.1/33'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Start-TcpStack -Link (New-PacketWire)'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Start-TcpStack -Link nosuch'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Start-TcpStack -PeerAddress 10.9.0.1'; Id = 'InvalidArgument' }
        @{ Code = 'Start-TcpStack -Link (New-PacketWire).A -Option @{ NoSuchOption = 1 }'; Id = 'InvalidArgument' }
        @{ Code = 'Start-TcpStack -Link (New-PacketWire).A -Option @{ SynRetries = "many" }'; Id = 'InvalidArgument' }
        @{ Code = 'Start-TcpStack 10.0.0.1/24 -Link (New-PacketWire -Medium Ethernet).A -Gateway 192.0.2.1'; Id = 'InvalidArgument' }
        @{ Code = 'Start-TcpStack -Link (New-PacketWire).A -CapturePath /no/such/place.pcap'; Id = 'SystemError' }
        @{ Code = 'Start-TcpStack -Link (New-PacketWire).A -Impairment @{ Loss = 7 }'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'New-PacketWire -Loss 2'; Id = 'ParameterArgumentValidationError' }
        @{ Code = 'New-PacketWire -Mtu 5'; Id = 'ParameterArgumentValidationError' }
        @{ Code = 'Set-PacketImpairment 5 -Loss 0.1'; Id = 'ImpairmentNotAvailable' }
    ) {
        $record = Get-TheError ([scriptblock]::Create($Code))
        $record.FullyQualifiedErrorId | Should -BeLike "$Id,TcpTools.PowerShell.*"
        "$record" | Should -Not -Match 'Object reference|Exception|Parameter name|\(Parameter '
        @(Get-TcpStack).Count | Should -Be 0
    }

    It 'gives the link back when a stack does not start' {
        $wire = New-PacketWire
        { Start-TcpStack 10.0.0.1/24 -Link $wire.A -Option @{ NoSuchOption = 1 } } | Should -Throw
        $stack = Start-TcpStack 10.0.0.1/24 -Link $wire.A
        { Start-TcpStack 10.0.0.3/24 -Link $wire.A } | Should -Throw -ErrorId 'LinkInUse,*'
        (Get-TheError { Receive-RawPacket -Link $wire.A }).FullyQualifiedErrorId | Should -BeLike 'LinkInUse,*'
        $stack.State | Should -Be Running
        Stop-TcpStack $stack -Force
        Start-TcpStack 10.0.0.3/24 -Link $wire.A | Stop-TcpStack -Force
    }
}

Describe 'Errors without a stack' {
    BeforeAll { Get-TcpStack | Stop-TcpStack -Force }

    It '<Code> says what to start' -ForEach @(
        @{ Code = 'Open-TcpSession 10.0.0.2 7'; Id = 'NoStack'; Category = 'ObjectNotFound' }
        @{ Code = 'Start-TcpListener 7'; Id = 'NoStack'; Category = 'ObjectNotFound' }
        @{ Code = 'Stop-TcpStack'; Id = 'NoStack'; Category = 'ObjectNotFound' }
        @{ Code = 'Step-TcpStack'; Id = 'NoStack'; Category = 'ObjectNotFound' }
        @{ Code = 'Get-TcpStack -Default'; Id = 'NoStack'; Category = 'ObjectNotFound' }
        @{ Code = 'Get-TcpStack nosuch'; Id = 'StackNotFound'; Category = 'ObjectNotFound' }
        @{ Code = 'Receive-TcpSession'; Id = 'NoListener'; Category = 'ObjectNotFound' }
        @{ Code = 'Get-TcpSession 123456'; Id = 'SessionNotFound'; Category = 'ObjectNotFound' }
        @{ Code = 'Get-TcpListener -Id 123456'; Id = 'ListenerNotFound'; Category = 'ObjectNotFound' }
    ) {
        $null = Assert-Error ([scriptblock]::Create($Code)) $Id $Category '^There is no'
    }

    It 'a fresh runspace has no session to send to' {
        $e = [powershell]::Create().AddScript("Import-Module '$moduleRoot/TcpTools.psd1'; try { Send-TcpData x } catch { `$_.FullyQualifiedErrorId }").Invoke()
        $e | Should -Be 'NoSession,TcpTools.PowerShell.SendTcpDataCommand'
    }

    It 'lists of nothing are no errors' {
        Get-TcpStack | Should -BeNullOrEmpty
        Get-TcpStack no* | Should -BeNullOrEmpty
        Get-TcpSession | Should -BeNullOrEmpty
        Get-TcpListener | Should -BeNullOrEmpty
    }
}

Describe 'Errors of opening a session' {
    BeforeAll { $pair = New-StackPair }
    AfterAll { $pair.Client, $pair.Server | Stop-TcpStack -Force }
    AfterEach { Get-TcpSession | Close-TcpSession -Abort }

    It 'refused: nobody listens there' {
        $e = Assert-Error { Open-TcpSession 10.0.0.2 81 } ConnectionRefused ConnectionError '10\.0\.0\.2:81 refused'
        $e.TargetObject | Should -Be '10.0.0.2:81'
        Get-TcpSession | Should -BeNullOrEmpty
    }

    It 'timeout: nobody answers' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $null = Assert-Error { Open-TcpSession 10.0.0.99 80 -TimeoutSec 0.2 } TimedOut OperationTimeout '10\.0\.0\.99:80 did not answer within 0\.2 s'
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
        Get-TcpSession | Should -BeNullOrEmpty
    }

    It 'no route: the address is nobody''s neighbour' {
        $null = Assert-Error { Open-TcpSession 192.0.2.1 80 } NoRoute ObjectNotFound '192\.0\.2\.1'
    }

    It 'unknown host: the name does not resolve' {
        $e = Assert-Error { Open-TcpSession no.such.host.invalid 80 } UnknownHost ObjectNotFound 'no\.such\.host\.invalid'
        $e.TargetObject | Should -Be 'no.such.host.invalid:80'
    }

    It 'address in use: the local port belongs to another session' {
        $null = Start-TcpListener 7 -Stack $pair.Server
        $first = Open-TcpSession 10.0.0.2 7 -Stack $pair.Client -LocalPort 4000
        $null = Assert-Error { Open-TcpSession 10.0.0.2 7 -Stack $pair.Client -LocalPort 4000 } AddressInUse ResourceBusy '4000'
        $first.State | Should -Be Established
        Get-TcpListener | Stop-TcpListener
    }

    It 'address in use: two listeners on a port' {
        $null = Start-TcpListener 7 -Stack $pair.Server
        $null = Assert-Error { Start-TcpListener 7 -Stack $pair.Server } AddressInUse ResourceBusy '^Port 7'
        Get-TcpListener | Stop-TcpListener
    }

    It 'bad argument: <Code>' -ForEach @(
        @{ Code = 'Open-TcpSession 10.0.0.2 99999'; Id = 'ParameterArgumentValidationError' }
        @{ Code = 'Open-TcpSession 10.0.0.2 0'; Id = 'ParameterArgumentValidationError' }
        @{ Code = 'Open-TcpSession 10.0.0.2 http'; Id = 'CannotConvertArgumentNoMessage' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -Stack nosuch'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -LocalAddress elsewhere'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -TimeoutSec soon'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -TimeoutSec -5'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -LocalAddress 10.0.0.77'; Id = 'NoRoute' }
        @{ Code = 'Open-TcpSession 224.0.0.1 7'; Id = 'InvalidArgument' }
        @{ Code = 'Open-TcpSession 0.0.0.0 7'; Id = 'InvalidArgument' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -Option @{ Nonsense = 1 }'; Id = 'InvalidArgument' }
        @{ Code = 'Open-TcpSession ::1 7'; Id = '*' }
        @{ Code = 'Start-TcpListener 70000'; Id = 'ParameterArgumentValidationError' }
        @{ Code = 'Start-TcpListener 7 -LocalAddress 192.0.2.9'; Id = 'NoRoute' }
        @{ Code = 'Step-TcpStack'; Id = 'InvalidArgument' }
        @{ Code = 'Step-TcpStack -Duration 1s'; Id = 'InvalidArgument' }
        @{ Code = 'Set-PacketImpairment (Get-TcpStack -Default) -Loss 3'; Id = 'ParameterArgumentValidationError' }
    ) {
        $record = Get-TheError ([scriptblock]::Create($Code))
        $record.FullyQualifiedErrorId | Should -BeLike "$Id,TcpTools.PowerShell.*"
        "$record" | Should -Not -Match 'Object reference|Exception|\(Parameter '
    }
}

Describe 'Errors of a session' {
    BeforeEach {
        $t = New-StackSession
        $session, $peer = $t.Session, $t.Peer
    }
    AfterEach { Get-TcpStack | Stop-TcpStack -Force }

    It 'reset: the peer aborts' {
        $peer | Close-TcpSession -Abort
        $e = Assert-Error { $session | Receive-TcpData } ConnectionReset ConnectionError '10\.0\.0\.2:7 reset'
        $e.TargetObject | Should -Be $session
        $null = Assert-Error { $session | Send-TcpData x } ConnectionReset ConnectionError 'reset'
        $session.CloseReason | Should -Be 'ResetByPeer'
    }

    It 'what came before a reset can still be read' {
        $peer | Send-TcpData 'last words' -Wait
        $peer | Close-TcpSession -Abort
        Wait-Until { $session.State -eq 'Closed' }
        $session | Receive-TcpData -AsString | Should -Be 'last words'
        $null = Assert-Error { $session | Receive-TcpData } ConnectionReset ConnectionError 'reset'
    }

    It 'timeout: <Code>' -ForEach @(
        @{ Code = 'Receive-TcpData -TimeoutSec 0.05' }
        @{ Code = 'Receive-TcpData -Line -TimeoutSec 0.05' }
        @{ Code = 'Receive-TcpData -Count 10 -TimeoutSec 0.05' }
        @{ Code = 'Receive-TcpData -Until x -TimeoutSec 0.05' }
        @{ Code = 'Receive-TcpData -All -TimeoutSec 0.05' }
        @{ Code = 'Wait-TcpSession Closed -TimeoutSec 0.05' }
        @{ Code = 'Wait-TcpSession -State TimeWait -TimeoutSec 0.05' }
        @{ Code = 'Send-TcpData -Data ([byte[]]::new(32MB)) -TimeoutSec 0.05' }
    ) {
        $code = [scriptblock]::Create("`$session | $Code")
        $e = Assert-Error $code TimedOut OperationTimeout '.'
        $e.TargetObject | Should -Be $session
        $session.State | Should -Be Established
    }

    It 'timeout: no connection comes to a listener' {
        $e = Assert-Error { $t.Listener | Receive-TcpSession -TimeoutSec 0.05 } TimedOut OperationTimeout 'port 7'
        $e.TargetObject | Should -Be $t.Listener
    }

    It 'what came before a time limit is not lost' {
        $peer | Send-TcpData 'half a ' -Wait
        $null = Assert-Error { $session | Receive-TcpData -Line -TimeoutSec 0.05 } TimedOut OperationTimeout '.'
        $peer | Send-TcpData 'line' -Line
        $session | Receive-TcpData -Line | Should -Be 'half a line'
    }

    It 'closed: <Code>' -ForEach @(
        @{ Code = 'Receive-TcpData' }, @{ Code = 'Receive-TcpData -All' }, @{ Code = 'Send-TcpData x' }
    ) {
        $session | Close-TcpSession
        $null = Assert-Error ([scriptblock]::Create("`$session | $Code")) SessionClosed InvalidOperation "^Session $($session.Id)"
    }

    It 'closed twice is closed' {
        $session | Close-TcpSession
        { $session | Close-TcpSession -ErrorAction Stop } | Should -Not -Throw
        { $session | Close-TcpSession -Abort -ErrorAction Stop } | Should -Not -Throw
    }

    It 'finished: sending after -HalfClose' {
        $session | Close-TcpSession -HalfClose
        $null = Assert-Error { $session | Send-TcpData x } SessionClosed InvalidOperation '.'
        $peer | Send-TcpData 'still open'
        $session | Receive-TcpData -AsString | Should -Be 'still open'
    }

    It 'the end of the data: -Count and -Until give what there was, and one error' {
        $peer | Send-TcpData 'abc'
        $peer | Close-TcpSession -NoWait
        $got = $session | Receive-TcpData -Count 10 -AsString -ErrorVariable e -ErrorAction SilentlyContinue
        $got | Should -Be 'abc'
        $e[0].FullyQualifiedErrorId | Should -Be 'UnexpectedEnd,TcpTools.PowerShell.ReceiveTcpDataCommand'
        $session | Receive-TcpData | Should -BeNullOrEmpty
        $session | Receive-TcpData -All | Should -BeNullOrEmpty
        $session | Receive-TcpData -Line | Should -BeNullOrEmpty
    }

    It 'stack stopped: <Code>' -ForEach @(
        @{ Code = '$session | Receive-TcpData' }
        @{ Code = '$session | Send-TcpData x' }
        @{ Code = 'Open-TcpSession 10.0.0.2 7 -Stack $t.Client' }
        @{ Code = 'Start-TcpListener 9 -Stack $t.Client' }
        @{ Code = 'Select-TcpStack $t.Client' }
        @{ Code = 'Step-TcpStack $t.Client' }
        @{ Code = '$t.Listener | Receive-TcpSession' }
    ) {
        $t.Client, $t.Server | Stop-TcpStack
        $null = Assert-Error ([scriptblock]::Create($Code)) StackStopped InvalidOperation 'stack'
    }

    It 'wrong type in the pipeline: <Code>' -ForEach @(
        @{ Code = 'Get-Process -Id $PID | Send-TcpData -Session $session'; Id = 'WrongInputType' }
        @{ Code = 'Send-TcpData -Session $session -Data 5, 6'; Id = 'WrongInputType' }
        @{ Code = '$t.Client | Receive-TcpData'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = '"text" | Close-TcpSession'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = '$session | Stop-TcpStack'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = '$session | Receive-TcpSession'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = '$session | Send-RawPacket'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = '$null | Receive-TcpData'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Receive-TcpData -Session 123456'; Id = 'ParameterArgumentTransformationError' }
        @{ Code = 'Receive-TcpData $session -Until 5.5'; Id = 'InvalidArgument' }
    ) {
        $record = Get-TheError ([scriptblock]::Create($Code))
        $record.FullyQualifiedErrorId | Should -BeLike "$Id,TcpTools.PowerShell.*"
        $session.State | Should -Be Established
    }

    It 'one bad object does not keep the others from being closed' {
        $ErrorActionPreference = 'Continue'
        $other = Open-TcpSession 10.0.0.2 7 -Stack $t.Client
        $errors = @($session, 'nonsense', $other | Close-TcpSession 2>&1)
        $errors.Count | Should -Be 1
        $session.IsClosed, $other.IsClosed | Should -Be $true, $true
    }
}

Describe 'Errors of a manual stack' {
    It 'waiting in vain says who has to move the stack: <Code>' -ForEach @(
        @{ Code = 'Receive-TcpData -Session $session' }
        @{ Code = 'Receive-TcpData -Session $session -Line' }
        @{ Code = 'Wait-TcpSession -Session $session Established' }
        @{ Code = 'Receive-TcpSession $listener' }
    ) {
        $pair = New-StackPair -Stack @{ Manual = $true }
        try {
            $listener = Start-TcpListener 7 -Stack $pair.Server
            $session = Open-TcpSession 10.0.0.2 7 -Stack $pair.Client
            $e = Assert-Error ([scriptblock]::Create($Code)) TimedOut OperationTimeout '.'
            $e.ErrorDetails.RecommendedAction | Should -Match 'Step-TcpStack'
        }
        finally { Get-TcpStack | Stop-TcpStack -Force }
    }
}
