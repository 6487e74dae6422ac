. $PSScriptRoot/common.ps1

# Whatever waits can be stopped at once, leaves nothing behind, and the stack goes on.

BeforeAll {
    . $PSScriptRoot/conditions.ps1

    # Runs a script with arguments in a PowerShell of its own on another thread, as a user would have it in a terminal.
    function Start-Pipeline([string] $Code, [object[]] $Arguments = @()) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$moduleRoot/TcpTools.psd1'").Invoke()
        $shell.Commands.Clear()
        $null = $shell.AddScript($Code)
        foreach ($argument in $Arguments) { $null = $shell.AddArgument($argument) }
        [pscustomobject] @{ Shell = $shell; Handle = $shell.BeginInvoke() }
    }

    # Presses Ctrl+C and gives the milliseconds until the pipeline has ended.
    function Stop-Pipeline($Pipeline) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $Pipeline.Shell.Stop()
        $took = $clock.Elapsed.TotalMilliseconds
        "$($Pipeline.Shell.InvocationStateInfo.State)" | Should -Be 'Stopped'
        $Pipeline.Shell.Streams.Error | Should -BeNullOrEmpty
        $took
    }
}

AfterAll { Get-TcpStack | Stop-TcpStack -Force }

Describe 'Ctrl+C' {
    BeforeAll {
        # The first stop of a process compiles what it runs; people do not notice, a limit of 100 ms would.
        $warm = Start-Pipeline 'Start-Sleep 60'
        $null = Stop-Pipeline $warm
    }

    BeforeEach {
        $t = New-StackSession
        $null = $t
    }

    AfterEach { Get-TcpStack | Stop-TcpStack -Force }

    It 'ends <Code> and leaves the stack usable' -ForEach @(
        @{ Code = '$s | Receive-TcpData -TimeoutSec 60' }
        @{ Code = '$s | Receive-TcpData -Line -TimeoutSec -1' }
        @{ Code = '$s | Receive-TcpData -Count 10 -TimeoutSec 60' }
        @{ Code = '$s | Receive-TcpData -Until x -TimeoutSec 60' }
        @{ Code = '$s | Receive-TcpData -All -TimeoutSec 60' }
        @{ Code = '$s | Send-TcpData -Data ([byte[]]::new(64MB)) -TimeoutSec 60' }
        @{ Code = '$s | Wait-TcpSession Closed -TimeoutSec 60' }
        @{ Code = '$s | Wait-TcpSession -State TimeWait -TimeoutSec -1' }
        @{ Code = '$s | Wait-TcpSession -Data 5 -TimeoutSec 60' }
        @{ Code = 'Wait-TcpSession -Session $s, $t.Session -Data never -Any -TimeoutSec -1' }
        @{ Code = '$t.Listener | Receive-TcpSession -TimeoutSec 60' }
        @{ Code = 'Open-TcpSession 10.0.0.99 80 -Stack $t.Client -TimeoutSec 60'; Session = 'SynSent' }
        @{ Code = 'Receive-RawPacket -Stack $t.Client -TimeoutSec 60' }
        @{ Code = 'Receive-RawPacket -Stack $t.Client -All -TimeoutSec 60' }
    ) {
        # The best of a few: what a busy machine takes for itself is not the cmdlet's.
        $took = foreach ($attempt in 1..3) {
            $pipeline = Start-Pipeline "param(`$t, `$s) $Code" $t, $t.Session
            # Until it waits there is nothing to stop: give it the time to get there.
            $null = $pipeline.Handle.AsyncWaitHandle.WaitOne(200)
            "$($pipeline.Shell.InvocationStateInfo.State)" | Should -Be 'Running'
            ($last = Stop-Pipeline $pipeline)
            if ($last -lt 100) { break }
        }
        ($took | Measure-Object -Minimum).Minimum | Should -BeLessThan 100

        # Nothing half-open is left, and old and new sessions work.
        Wait-Until { -not (Get-TcpSession -State SynSent) }
        $t.Session.State | Should -Be 'Established'
        $other = Open-TcpSession 10.0.0.2 7 -Stack $t.Client
        $peer = $t.Listener | Receive-TcpSession
        $other | Send-TcpData 'still here' -Line
        $peer | Receive-TcpData -Line | Should -Be 'still here'
    }

    It 'ends a close that waits for a peer that is gone' {
        $t.Wire | Set-PacketImpairment -Loss 1
        $pipeline = Start-Pipeline 'param($s) $s | Close-TcpSession -TimeoutSec 60' $t.Session
        Wait-Until { $t.Session.State -eq 'FinWait1' }
        Stop-Pipeline $pipeline | Should -BeLessThan 100
        $t.Wire | Set-PacketImpairment -Clear
        $t.Session | Close-TcpSession -Abort
        $t.Session.State | Should -Be 'Closed'
    }

    It 'ends Stop-TcpStack, which then has stopped the stack' {
        $t.Wire | Set-PacketImpairment -Loss 1
        $pipeline = Start-Pipeline 'param($s) $s | Stop-TcpStack -TimeoutSec 60' $t.Client
        Wait-Until { $t.Session.State -eq 'FinWait1' }
        Stop-Pipeline $pipeline | Should -BeLessThan 100
        $t.Client.State | Should -Be 'Stopped'
    }

    It 'ends a wait in simulated time' {
        $v = New-StackSession -Stack @{ Virtual = $true } -Port 9
        $pipeline = Start-Pipeline 'param($s) while ($true) { $s | Receive-TcpData -TimeoutSec 1000 -ErrorAction Ignore }' $v.Session
        $null = $pipeline.Handle.AsyncWaitHandle.WaitOne(250)
        Stop-Pipeline $pipeline | Should -BeLessThan 100
        $v.Session.State | Should -Be 'Established'
    }

    It 'does not lose what had been received until then' {
        $t.Peer | Send-TcpData 'first half, ' -Wait
        $pipeline = Start-Pipeline 'param($s) $s | Receive-TcpData -Line -TimeoutSec 60' $t.Session
        Wait-Until { $t.Session.Available -eq 0 }
        $null = Stop-Pipeline $pipeline
        $t.Peer | Send-TcpData 'second half' -Line
        $t.Session | Receive-TcpData -Line | Should -Be 'first half, second half'
    }

    It 'leaves no session behind when a handshake is given up' {
        $pipeline = Start-Pipeline 'param($t) Open-TcpSession 10.0.0.99 80 -Stack $t -TimeoutSec 60' $t.Client
        Wait-Until { Get-TcpSession -Stack $t.Client -State SynSent }
        $null = Stop-Pipeline $pipeline
        Wait-Until { @(Get-TcpSession -Stack $t.Client).Count -eq 1 }
    }
}

Describe 'A pipeline that is cut off' {
    BeforeEach { $t = New-StackSession }
    AfterEach { Get-TcpStack | Stop-TcpStack -Force }

    It 'lets the rest be read: Receive-TcpData | Select-Object -First' {
        $t.Peer | Send-TcpData 'one', 'two', 'three' -Line
        $t.Session | Receive-TcpData -Line -Count 3 | Select-Object -First 1 | Should -Be 'one'
        $t.Session | Receive-TcpData -Line | Should -Be 'two'
        $t.Session | Receive-TcpData -Line -Count 1 | Should -Be 'three'
    }

    It 'lets the rest be taken: Receive-TcpSession | Select-Object -First' {
        1..3 | ForEach-Object { $null = Open-TcpSession 10.0.0.2 7 -Stack $t.Client }
        @($t.Listener | Receive-TcpSession -Count 3 | Select-Object -First 1).Count | Should -Be 1
        @($t.Listener | Receive-TcpSession -Count 2).Count | Should -Be 2
    }

    It 'closes what a cut-off cmdlet held: Receive-RawPacket | Select-Object -First' {
        $t.Session | Send-TcpData 'x'
        1..2 | ForEach-Object {
            $t.Session | Send-TcpData "$_" -Wait
            Send-RawPacket (New-IPPacket 10.0.0.2 -Source 10.0.0.1 | New-TcpSegment 99 -Flags Syn) -Stack $t.Client
            @(Receive-RawPacket -Stack $t.Client -Count 5 | Select-Object -First 1).Count | Should -Be 1
        }
    }

    It 'finishes a file: packets | Export-PacketCapture, cut off' {
        $path = Join-Path $TestDrive cut.pcap
        1..5 | ForEach-Object { New-IPPacket 10.0.0.2 -Source 10.0.0.1 | New-TcpSegment $_ -Flags Syn } |
            Export-PacketCapture $path -PassThru | Select-Object -First 1 | Should -Not -BeNullOrEmpty
        (Get-Item $path).Length | Should -Be (24 + 5 * (16 + 40))
    }
}

Describe 'Several threads' {
    BeforeEach { $t = New-StackSession }
    AfterEach { Get-TcpStack | Stop-TcpStack -Force }

    It 'open, use and close sessions of one stack at once (ForEach-Object -Parallel)' {
        $server = Start-ThreadJob -ArgumentList $t.Listener, $moduleRoot {
            param($listener, $root)
            Import-Module "$root/TcpTools.psd1"
            foreach ($i in 1..20) {
                $s = $listener | Receive-TcpSession
                $line = $s | Receive-TcpData -Line
                $s | Send-TcpData "echo $line" -Line
                $s | Close-TcpSession -NoWait
            }
        }
        $client, $root = $t.Client, $moduleRoot
        $answers = 1..20 | ForEach-Object -ThrottleLimit 5 -Parallel {
            Import-Module "$using:root/TcpTools.psd1"
            $s = Open-TcpSession 10.0.0.2 7 -Stack $using:client
            $s | Send-TcpData "number $_" -Line
            $s | Receive-TcpData -Line
            $s | Close-TcpSession
        }
        $answers | Sort-Object | Should -Be (1..20 | ForEach-Object { "echo number $_" } | Sort-Object)
        $server | Wait-Job -Timeout 30 | Receive-Job
        $server.State | Should -Be 'Completed'
    }

    It 'each have their own default stack and last session' {
        $job = Start-ThreadJob -ArgumentList $moduleRoot {
            param($root)
            Import-Module "$root/TcpTools.psd1"
            @(Get-TcpStack).Count
            try { Receive-TcpData } catch { $_.FullyQualifiedErrorId }
        }
        $job | Wait-Job -Timeout 30 | Receive-Job | Should -Be 0, 'NoSession,TcpTools.PowerShell.ReceiveTcpDataCommand'
    }

    It 'a thread job serves while this thread asks' {
        $job = Start-ThreadJob -ArgumentList $t.Peer, $moduleRoot {
            param($peer, $root)
            Import-Module "$root/TcpTools.psd1"
            while ($line = $peer | Receive-TcpData -Line) { $peer | Send-TcpData $line.ToUpperInvariant() -Line }
            $peer | Close-TcpSession
        }
        'abc', 'def' | ForEach-Object {
            $t.Session | Send-TcpData $_ -Line
            $t.Session | Receive-TcpData -Line
        } | Should -Be 'ABC', 'DEF'
        $t.Session | Close-TcpSession
        $job | Wait-Job -Timeout 30 | Receive-Job
        $job.State | Should -Be 'Completed'
    }

    It 'an exception in a handler of a session''s event does not end the process' {
        $null = Register-ObjectEvent $t.Session StateChanged -SourceIdentifier tcptools-test -Action { throw 'in a handler' }
        try {
            $t.Session | Close-TcpSession
            $t.Peer | Close-TcpSession
            $null = $t.Session | Wait-TcpSession Closed
        }
        finally { Unregister-Event tcptools-test }
        $t.Client.State | Should -Be 'Running'
    }
}

Describe 'The module' {
    It 'stops its stacks when it is removed, and works when it is imported again' {
        $output = & $childPowerShell -NoProfile -NonInteractive -Command "
            `$ErrorActionPreference = 'Stop'
            Import-Module '$moduleRoot/TcpTools.psd1'
            `$wire = New-PacketWire
            `$a = Start-TcpStack -Link `$wire.A; `$b = Start-TcpStack -Link `$wire.B
            `$null = Start-TcpListener 7 -Stack `$b
            `$s = Open-TcpSession 10.0.0.2 7
            Remove-Module TcpTools
            `"`$(`$a.State) `$(`$b.State) `$(`$s.State)`"
            Import-Module '$moduleRoot/TcpTools.psd1'
            `"`$(@(Get-TcpStack).Count) stacks, `$((Get-Command -Module TcpTools).Count -gt 20)`"
            `$wire = New-PacketWire
            `$a = Start-TcpStack -Link `$wire.A; `$b = Start-TcpStack -Link `$wire.B
            `$null = Start-TcpListener 7 -Stack `$b
            (Open-TcpSession 10.0.0.2 7).State
            Import-Module '$moduleRoot/TcpTools.psd1' -Force
            `"`$(`$a.State), `$((Get-Command -Module TcpTools).Count -gt 20)`"
        " 2>&1
        $output | Should -Be 'Stopped Stopped Closed', '0 stacks, True', 'Established', 'Stopped, True'
    }

    It 'lets PowerShell end by itself while stacks run and threads wait' {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $output = & $childPowerShell -NoProfile -NonInteractive -Command "
            Import-Module '$moduleRoot/TcpTools.psd1'
            `$wire = New-PacketWire
            `$a = Start-TcpStack -Link `$wire.A; `$b = Start-TcpStack -Link `$wire.B
            `$l = Start-TcpListener 7 -Stack `$b
            `$s = Open-TcpSession 10.0.0.2 7
            'end'" 2>&1
        $output | Should -Be 'end'
        $LASTEXITCODE | Should -Be 0
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 30
    }

    It 'imports within a fraction of a second' {
        $best = (1..3 | ForEach-Object {
                [double] (& $childPowerShell -NoProfile -NonInteractive -Command "(Measure-Command { Import-Module '$moduleRoot/TcpTools.psd1' }).TotalMilliseconds")
            } | Measure-Object -Minimum).Minimum
        Write-Host "Import-Module took $([int] $best) ms"
        $best | Should -BeLessThan 1000
    }
}

Describe 'Bytes in the pipeline' {
    BeforeEach { $t = New-StackSession }
    AfterEach { Get-TcpStack | Stop-TcpStack -Force }

    It 'come as one array, not one by one' {
        $t.Peer | Send-TcpData -Data ([byte[]] (1..100)) -Wait
        $got = @($t.Session | Receive-TcpData)
        $got.Count | Should -Be 1
        , $got[0] | Should -BeOfType byte[]
        $got[0] | Should -Be (1..100)
    }

    It 'go out together when they are piped in one by one' {
        [byte[]] (1..200) * 5 | Send-TcpData -Session $t.Session -Wait
        ($t.Peer | Receive-TcpData -Count 1000).Length | Should -Be 1000
        $t.Session.Info.SegmentsOut | Should -BeLessThan 10
    }

    It 'go out as they are, whatever holds them: <What>' -ForEach @(
        @{ What = 'an array'; Data = { , [byte[]] (1, 2, 3) } }
        @{ What = 'a list of numbers as bytes'; Data = { , [object[]] ([byte] 1, [byte] 2, [byte] 3) } }
        @{ What = 'a list'; Data = { , [System.Collections.Generic.List[byte]] [byte[]] (1, 2, 3) } }
        @{ What = 'memory'; Data = { [System.ReadOnlyMemory[byte]]::new([byte[]] (1, 2, 3)) } }
    ) {
        Send-TcpData -Session $t.Session -Data (& $Data)
        $got = $t.Peer | Receive-TcpData -Count 3
        $got | Should -Be 1, 2, 3
    }

    It 'of the lines of a file keep their order, and -Line ends each' {
        $path = Join-Path $TestDrive lines.txt
        1..500 | ForEach-Object { "line $_" } | Set-Content $path
        Get-Content $path | Send-TcpData -Session $t.Session -Line
        $t.Session | Close-TcpSession -HalfClose
        $t.Peer | Receive-TcpData -Line -All | Should -Be (Get-Content $path)
    }

    It 'of text keep characters whole, however the segments cut them' {
        $text = 'é漢😀' * 2000
        $t.Session | Send-TcpData $text
        $t.Session | Close-TcpSession -HalfClose
        $got = ''
        while ($piece = $t.Peer | Receive-TcpData -AsString -MaximumBytes 1001) { $got += $piece }
        $got | Should -BeExactly $text
    }
}
