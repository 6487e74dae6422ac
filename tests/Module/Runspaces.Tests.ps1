. $PSScriptRoot/common.ps1

# What a runspace starts ends with it, however it ends; what it is lent does not. Threads, devices and runspaces are counted.

Describe 'Runspaces' {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1

        # Threads of the module's: of stacks, servers, responders, captures and workers.
        function Get-ToolThread {
            Get-ChildItem /proc/self/task -ErrorAction Ignore |
                ForEach-Object { try { [System.IO.File]::ReadAllText("$($_.FullName)/comm").Trim() } catch { '' } } |
                Where-Object { $_ -like 'TcpTools*' -and $_ -notlike 'TcpTools socket*' }
        }

        function Get-ThreadCount { @(Get-ToolThread).Count }

        # A runspace with the module in it that is closed by whoever made it.
        function Invoke-InRunspace([string] $Script, [object[]] $Arguments = @()) {
            $shell = New-TestShell $Script $Arguments
            $output = $shell.Invoke()
            $shell.Streams.Error | Should -BeNullOrEmpty
            [pscustomobject]@{ Shell = $shell; Runspace = $shell.Runspace; Output = $output }
        }
    }

    BeforeEach {
        Wait-Until { (Get-ThreadCount) -eq 0 }
        $runspaces = @(Get-Runspace).Count
    }

    AfterEach {
        Remove-TestStack
        Wait-Until { (Get-ThreadCount) -eq 0 }
        Wait-Until { @(Get-Runspace).Count -le $runspaces }
    }

    It 'that are closed end what they started: stacks, sessions, listeners, responders, events' {
        $made = Invoke-InRunspace '
            $wire = New-PacketWire
            $a = Start-TcpStack 10.1.0.1/24 -Link $wire.A -Name a; $b = Start-TcpStack 10.1.0.2/24 -Link $wire.B -Name b
            $listener = Start-TcpListener 80 -Stack b
            $session = Open-TcpSession 10.1.0.2 80 -Stack a
            Register-TcpSessionEvent Closed -Stack a -SourceIdentifier ends
            $responder = Start-PacketResponder { $true } { } -Stack a
            @{ A = $a; B = $b; Listener = $listener; Session = $session; Relay = (Get-EventSubscriber).SourceObject; Responder = $responder }'
        $was = $made.Output[0]
        $was.Session.State | Should -Be Established
        Get-ThreadCount | Should -BeGreaterThan 1
        $made.Runspace.Close()
        Wait-Until { $was.A.State -eq 'Stopped' -and $was.B.State -eq 'Stopped' }
        $was.Session.State | Should -Be Closed
        $was.Listener.IsListening | Should -BeFalse
        Wait-Until { -not $was.Relay.IsActive -and -not $was.Responder.IsRunning }
        $made.Shell.Dispose()
    }

    It 'that are closed leave alone what they were lent' {
        $pair = New-TestSession -Threaded
        $made = Invoke-InRunspace 'param($stack, $session)
            Select-TcpStack $stack
            $session | Send-TcpData "from there" -Line
            $other = Open-TcpSession 10.7.0.2 80
            "$((Get-TcpStack -Default).Name) $($other.Stack.Name) $(@(Get-TcpStack).Count)"' $pair.Client, $pair.Near
        $made.Output | Should -Be 'client client 0'
        $made.Shell.Runspace.Dispose()
        $made.Shell.Dispose()
        $pair.Client.State | Should -Be Running
        $pair.Far | Receive-TcpData -Line | Should -Be 'from there'
    }

    It 'have each a default stack and a last session of their own' {
        $pair = New-TestSession -Threaded
        $made = Invoke-InRunspace '
            $wire = New-PacketWire
            $null = Start-TcpStack 10.1.0.1/24 -Link $wire.A -Name a; $null = Start-TcpStack 10.1.0.2/24 -Link $wire.B -Name b
            $null = Start-TcpListener 80 -Stack b
            $session = Open-TcpSession 10.1.0.2 80
            Send-TcpData "there"
            "$((Get-TcpStack -Default).Name) $(@(Get-TcpStack).Name)"
            (Start-TcpListener 81 -Stack b).Port
            Get-TcpSession | ForEach-Object State'
        $made.Output | Should -Be 'a a b', 81, Established, Established
        (Get-TcpStack -Default).Name | Should -Be client
        @(Get-TcpStack).Name | Should -Be client, server
        $null = $pair.Listener
        $null = Receive-TcpSession -TimeoutSec 0 -ErrorAction Ignore
        $made.Shell.Runspace.Dispose()
        $made.Shell.Dispose()
    }

    It 'of thread jobs end their stacks when the job has ended' {
        $pair = New-TestSession -Threaded
        $job = Start-ThreadJob -ArgumentList $pair.Near, $ModuleManifest {
            param($session, $module)
            Import-Module $module
            $wire = New-PacketWire
            $stack = Start-TcpStack -Link $wire.A -Name 'of the job'
            $session | Send-TcpData 'from the job' -Line
            $stack
        }
        $stack = $job | Wait-Job -Timeout 60 | Receive-Job
        $job.State | Should -Be Completed
        $job | Remove-Job
        Wait-Until { $stack.State -eq 'Stopped' }
        $pair.Far | Receive-TcpData -Line | Should -Be 'from the job'
        $pair.Near.State | Should -Be Established
    }

    It 'share the sessions of one stack: ForEach-Object -Parallel' {
        $pair = New-TestSession -Threaded
        $sessions = @(1..20 | ForEach-Object { Open-TcpSession $pair.Address 80 -Stack client })
        $peers = @($pair.Listener | Receive-TcpSession -Count 20)
        $module = $ModuleManifest
        $both = 0..19 | ForEach-Object { [pscustomobject]@{ Near = $sessions[$_]; Far = @($peers | Where-Object RemotePort -EQ $sessions[$_].LocalPort)[0] } }
        $answers = $both | ForEach-Object -ThrottleLimit 5 -Parallel {
            Import-Module $using:module
            $data = [byte[]]::new(20000)
            [Random]::new($_.Near.LocalPort).NextBytes($data)
            $_.Near | Send-TcpData -Data $data
            $got = $_.Far | Receive-TcpData -Count 20000
            [System.Convert]::ToHexString($got) -eq [System.Convert]::ToHexString($data)
        }
        $answers.Count | Should -Be 20
        $answers | Should -Not -Contain $false
    }

    It 'write to one session and read from one session at once without losing a byte' {
        $pair = New-TestSession -Threaded
        $near, $far, $module = $pair.Near, $pair.Far, $ModuleManifest
        1..8 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:module
            $session = $using:near
            1..25 | ForEach-Object { $session | Send-TcpData "line of twenty chars" -Line }
        }
        $lines = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:module
            $session = $using:far
            $session | Receive-TcpData -Line -Count 50 -TimeoutSec 60
        }
        $lines.Count | Should -Be 200
        $lines | Select-Object -Unique | Should -Be 'line of twenty chars'
    }

    It 'have stacks of their own at once, and each ends its own' {
        $module = $ModuleManifest
        $done = 1..6 | ForEach-Object -ThrottleLimit 3 -Parallel {
            Import-Module $using:module
            $wire = New-PacketWire
            $a = Start-TcpStack 10.1.0.1/24 -Link $wire.A; $b = Start-TcpStack 10.1.0.2/24 -Link $wire.B
            $listener = Start-TcpListener 80 -Stack $b
            $session = Open-TcpSession 10.1.0.2 80 -Stack $a
            $peer = $listener | Receive-TcpSession
            $session | Send-TcpData "number $_" -Line
            $peer | Receive-TcpData -Line
            $a
        }
        @($done | Where-Object { $_ -is [string] } | Sort-Object) | Should -Be (1..6 | ForEach-Object { "number $_" })
        $stacks = @($done | Where-Object { $_ -isnot [string] })
        Wait-Until { @($stacks | Where-Object State -NE Stopped).Count -eq 0 }
    }

    It 'may hold many stacks, and nothing of them is left' {
        $pairs = @(1..25 | ForEach-Object {
                $wire = New-PacketWire
                $left = Start-TcpStack "10.$_.0.1/24" -Link $wire.A -Name "left$_"
                $null = Start-TcpStack "10.$_.0.2/24" -Link $wire.B -Name "right$_"
                $listener = Start-TcpListener 80 -Stack "right$_"
                [pscustomobject]@{ Listener = $listener; Session = Open-TcpSession "10.$_.0.2" 80 -Stack $left }
            })
        Get-ThreadCount | Should -Be 50
        $pairs | ForEach-Object { $_.Session | Send-TcpData "$($_.Session.Id)" -Line }
        $pairs | ForEach-Object { $_.Listener | Receive-TcpSession | Receive-TcpData -Line } | Should -Be @($pairs.Session.Id | ForEach-Object { "$_" })
        @(Get-TcpSession -State Established).Count | Should -Be 50
        Get-TcpStack | Stop-TcpStack -Force
        Wait-Until { (Get-ThreadCount) -eq 0 }
        @(Get-TcpStack).Count | Should -Be 0
    }

    It 'are stopped while others wait for their stacks' {
        $made = Invoke-InRunspace '
            $wire = New-PacketWire
            $null = Start-TcpStack 10.1.0.1/24 -Link $wire.A -Name a; $null = Start-TcpStack 10.1.0.2/24 -Link $wire.B -Name b
            $null = Start-TcpListener 80 -Stack b
            Open-TcpSession 10.1.0.2 80'
        $session = $made.Output[0]
        $waiting = New-TestShell 'param($s) $s | Receive-TcpData -TimeoutSec 60' $session
        $run = $waiting.BeginInvoke()
        $made.Runspace.Close()
        $run.AsyncWaitHandle.WaitOne(20000) | Should -BeTrue
        $null = $waiting.EndInvoke($run)
        ($waiting.Streams.Error[0].FullyQualifiedErrorId -split ',')[0] | Should -Be StackStopped
        $waiting.Runspace.Dispose()
        $waiting.Dispose()
        $made.Shell.Dispose()
    }

    It 'end a simulated network while nobody moves it' {
        $made = Invoke-InRunspace '
            $wire = New-PacketWire
            $null = Start-TcpStack 10.1.0.1/24 -Link $wire.A -Name a -Virtual; Start-TcpStack 10.1.0.2/24 -Link $wire.B -Name b -Manual'
        $made.Runspace.Close()
        Wait-Until { $made.Output[0].State -eq 'Stopped' }
        $made.Shell.Dispose()
    }
}

Describe 'The module, removed and imported again' {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
    }

    It 'with everything open leaves neither threads nor subscriptions, again and again' {
        $script = @"
`$ErrorActionPreference = 'Stop'
function Get-Left {
    @(Get-ChildItem /proc/self/task -ErrorAction Ignore | ForEach-Object { try { [System.IO.File]::ReadAllText("`$(`$_.FullName)/comm").Trim() } catch { '' } } |
        Where-Object { `$_ -like 'TcpTools*' -and `$_ -notlike 'TcpTools socket*' }).Count
}
function Open-Everything {
    `$wire = New-PacketWire
    `$a = Start-TcpStack 10.1.0.1/24 -Link `$wire.A -Name a; `$b = Start-TcpStack 10.1.0.2/24 -Link `$wire.B -Name b
    `$null = Start-TcpListener 80 -Stack b
    `$session = Open-TcpSession 10.1.0.2 80
    `$null = Register-TcpSessionEvent Closed, StateChanged -Stack a -Action { }
    `$session | Register-TcpSessionEvent DataAvailable -SourceIdentifier data
    `$null = Start-PacketResponder { `$true } { } -Stack a
    `$null = Start-TcpListener 81 -Stack b -Action { `$_ | Receive-TcpData | Send-TcpData -Session `$_ }
    `$null = Register-PacketHook IPIn { `$_.IP.TimeToLive } -Stack b
    `$echo = Open-TcpSession 10.1.0.2 81 -Stack a
    `$echo | Send-TcpData 'to the handler' -Line
    if ((`$echo | Receive-TcpData -Line) -ne 'to the handler') { throw 'no echo' }
    `$session
}
foreach (`$round in 1..3) {
    Import-Module '$ModuleManifest'
    `$session = Open-Everything
    Remove-Module TcpTools
    `$limit = [System.Diagnostics.Stopwatch]::StartNew()
    while (((Get-Left) -gt 0 -or @(Get-EventSubscriber).Count -gt 0 -or @(Get-Runspace).Count -gt 1) -and `$limit.Elapsed.TotalSeconds -lt 20) { Start-Sleep -Milliseconds 20 }
    "`$(`$session.State) `$(Get-Left) `$(@(Get-EventSubscriber).Count) `$(@(Get-Runspace).Count)"
}
Import-Module '$ModuleManifest'
foreach (`$round in 1..3) {
    `$session = Open-Everything
    Import-Module '$ModuleManifest' -Force
    `$limit = [System.Diagnostics.Stopwatch]::StartNew()
    while (((Get-Left) -gt 0 -or @(Get-EventSubscriber).Count -gt 0) -and `$limit.Elapsed.TotalSeconds -lt 20) { Start-Sleep -Milliseconds 20 }
    "`$(`$session.State) `$(Get-Left) `$(@(Get-EventSubscriber).Count) `$(@(Get-TcpStack).Count)"
}
"@
        $path = Join-Path $TestDrive again.ps1
        Set-Content $path $script
        & $childPowerShell -NoProfile -NonInteractive -File $path 2>&1 |
            Should -Be 'Closed 0 0 1', 'Closed 0 0 1', 'Closed 0 0 1', 'Closed 0 0 0', 'Closed 0 0 0', 'Closed 0 0 0'
    }

    It 'in one runspace does not touch what another has' {
        $pair = New-TestSession -Threaded
        $shell = New-TestShell '
            $wire = New-PacketWire
            $mine = Start-TcpStack -Link $wire.A -Name mine
            Remove-Module TcpTools
            "$($mine.State)"'
        $shell.Invoke() | Should -Be Stopped
        $shell.Runspace.Dispose()
        $shell.Dispose()
        $pair.Client.State | Should -Be Running
        $pair.Near | Send-TcpData still
        $pair.Far | Receive-TcpData -AsString | Should -Be still
        Remove-TestStack
    }
}

Describe 'Devices' -Tag Root -Skip:([bool] $RootObstacle) {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
    }

    It 'go with the runspace whose stack has them' {
        $place = New-LabNamespace
        try {
            $script = @"
Import-Module '$ModuleManifest'
`$shell = [powershell]::Create()
`$null = `$shell.AddScript('Import-Module "$ModuleManifest"; `$null = Start-TcpStack 10.98.0.2/24; `$null = New-PacketTunnel 10.97.0.1/24 other0').Invoke()
`$shell.Streams.Error
"`$(@(ip -o link | Select-String tcptools0).Count) `$(@(ip -o link | Select-String other0).Count)"
`$shell.Runspace.Dispose()
`$limit = [System.Diagnostics.Stopwatch]::StartNew()
while (@(ip -o link | Select-String 'tcptools0|other0').Count -gt 0 -and `$limit.Elapsed.TotalSeconds -lt 20) { Start-Sleep -Milliseconds 20 }
@(ip -o link | Select-String 'tcptools0|other0').Count
"@
            $path = Join-Path $TestDrive devices.ps1
            Set-Content $path $script
            $result = Invoke-LabCommand $place $childPowerShell -NoProfile -NonInteractive -File $path
            $result.Error | Should -BeNullOrEmpty
            ($result.Output -split "`n" | Where-Object { $_ }) | Should -Be '1 1', '0'
        }
        finally { Remove-LabNamespace $place }
    }
}
