. $PSScriptRoot/common.ps1

Describe 'Step-TcpStack' {
    BeforeAll {
        # Two manual stacks on one wire and one clock.
        function New-ManualPair {
            $wire = New-PacketWire
            $left = Start-TcpStack 10.2.0.1/24 -Link $wire.A -Manual -Name a -Seed 1
            $right = Start-TcpStack 10.2.0.2/24 -Link $wire.B -Manual -Name b -Seed 2
            [pscustomobject]@{ A = $left; B = $right; Listener = Start-TcpListener 80 -Stack $right }
        }

        function New-ManualSession {
            $pair = New-ManualPair
            $near = Open-TcpSession 10.2.0.2 80 -Stack $pair.A
            $null = Step-TcpStack a, b -All
            $pair | Add-Member -PassThru -NotePropertyMembers @{ Near = $near; Far = $pair.Listener | Receive-TcpSession }
        }
    }

    AfterEach { Remove-TestStack }

    It 'walks through a handshake one event at a time' {
        $pair = New-ManualPair
        $session = Open-TcpSession 10.2.0.2 80 -Stack $pair.A
        $session.State | Should -Be Closed
        $step = Step-TcpStack a
        $step.Kind | Should -Be Application
        $step.StackName | Should -Be a
        $step.Events.Kind | Should -Be ApplicationCall, StateChanged, SegmentSent, TimerSet
        $step.Events[1].Summary | Should -Match 'CLOSED -> SYN-SENT'
        $session.State | Should -Be SynSent
        (Step-TcpStack b).Events.Summary -join "`n" | Should -Match 'SYN-RECEIVED'
        $session.State | Should -Be SynSent
        $null = $pair.A | Step-TcpStack
        $session.State | Should -Be Established
        $pair.Listener.Pending | Should -Be 0
        (Step-TcpStack b).Events.Summary -join "`n" | Should -Match 'can be accepted'
        ($pair.Listener | Receive-TcpSession).State | Should -Be Established
    }

    It 'does all there is with -All' {
        $pair = New-ManualPair
        $sessions = 1..3 | ForEach-Object { Open-TcpSession 10.2.0.2 80 -Stack $pair.A }
        @(Step-TcpStack a -All).Count | Should -Be 3
        @(Step-TcpStack b -All).Count | Should -Be 3
        @(Step-TcpStack a -All -Kind Application).Count | Should -Be 0
        @(Step-TcpStack a -All).Count | Should -Be 3
        $sessions.State | Should -Be Established, Established, Established
        $pair.A.Now.Ticks | Should -Be 0
    }

    It 'steps several stacks as one until a state, or until a script says so' {
        $pair = New-ManualPair
        $session = Open-TcpSession 10.2.0.2 80 -Stack $pair.A
        @(Step-TcpStack a, b -UntilState Established -Session $session)[-1].StackName | Should -Be a
        $session.State | Should -Be Established
        $session | Send-TcpData 'hello'
        $steps = @(Get-TcpStack | Step-TcpStack -Until { $_.Events.Kind -contains 'ApplicationTold' -and $_.Events.Summary -match 'to read' })
        $steps[-1].Events | Where-Object Segment | ForEach-Object { $_.Segment.Length } | Should -Contain 5
        $steps[-1].Events[0].RelativeSequence | Should -Be 1
        ($pair.Listener | Receive-TcpSession) | Receive-TcpData -AsString | Should -Be hello
    }

    It 'says so when nothing is left to happen' {
        $pair = New-ManualPair
        $null = Open-TcpSession 10.2.0.2 80 -Stack $pair.A
        Get-ErrorId { Step-TcpStack b -UntilState Established } | Should -Be NothingToDo
        Get-ErrorId { Step-TcpStack b -Until { $false } } | Should -Be NothingToDo
    }

    It 'shows a loss and what repairs it' {
        $t = New-ManualSession
        $t.Near | Send-TcpData 'hello'
        $null = Step-TcpStack a
        $waits = @(Step-TcpStack b -Peek | Where-Object Kind -EQ Frame)
        $waits[0].Segment.Length | Should -Be 5
        (Step-TcpStack b -Discard).Events[0].Kind | Should -Be FrameDiscarded
        $step = Step-TcpStack a -Kind Timer
        $step.Events.Kind | Should -Contain TimerFired
        ($step.Events | Where-Object Kind -EQ TimerFired).Timer | Should -Be Retransmission
        $step.Events.Property | Should -Contain CongestionWindow
        $step.Time | Should -BeGreaterThan ([TcpTools.Instant]::Zero)
        $null = Step-TcpStack b
        $t.Far | Receive-TcpData -AsString | Should -Be hello
    }

    It 'lets frames overtake each other' {
        $t = New-ManualSession
        $t.Near | Set-TcpSession -NoDelay $true
        $t.Near | Send-TcpData one
        $t.Near | Send-TcpData two
        $null = Step-TcpStack a -Count 2
        (Step-TcpStack b -Hold).Events[0].Kind | Should -Be FrameHeld
        $null = Step-TcpStack b
        $t.Far.Available | Should -Be 0
        (Step-TcpStack b -Peek)[-1].IsHeld | Should -BeTrue
        Step-TcpStack b -Release
        $null = Step-TcpStack b
        $t.Far | Receive-TcpData -AsString | Should -Be onetwo
    }

    It 'tells what was read in the next step' {
        $t = New-ManualSession
        $t.Near | Send-TcpData hello
        $null = Step-TcpStack a, b -All
        $null = $t.Far | Receive-TcpData
        (Step-TcpStack b).Events[0].Summary | Should -Match 'reads from session'
    }

    It 'closes in steps, through TIME-WAIT' {
        $t = New-ManualSession
        $t.Near | Close-TcpSession
        $t.Near.State | Should -Be Established
        $null = Step-TcpStack a, b -All
        $t.Near.State | Should -Be FinWait2
        $t.Far | Close-TcpSession
        $null = Step-TcpStack a, b -UntilState TimeWait
        (Step-TcpStack a -Kind Timer).Events.Summary -join "`n" | Should -Match 'TIME-WAIT timer'
        $t.Near.State | Should -Be Closed
    }

    It 'lets simulated time pass' {
        $pair = New-TestPair
        $before = $pair.Client.Now
        $null = Step-TcpStack client -Duration 1.5s
        ($pair.Client.Now - $before).TotalSeconds | Should -Be 1.5
        $null = Step-TcpStack client -Duration ([timespan]::FromHours(3))
        ($pair.Client.Now - $before).TotalSeconds | Should -Be 10801.5
    }

    It 'lets everything of manual stacks happen in the time that passes' {
        $pair = New-ManualPair
        $null = Open-TcpSession 10.2.0.9 80 -Stack $pair.A
        $steps = @(Step-TcpStack a -Duration 10s)
        @($steps | Where-Object Kind -EQ Timer).Count | Should -BeGreaterThan 2
        $pair.A.Now.TotalMilliseconds | Should -Be 10000
        $null = Step-TcpStack a, b -SkipTo 12s
        $pair.B.Now.TotalMilliseconds | Should -Be 12000
        Get-ErrorId { Step-TcpStack a -SkipTo 1s } | Should -Be InvalidArgument
    }

    It 'reports InvalidArgument for a stack that others move' {
        $null = New-TestPair
        Get-ErrorId { Step-TcpStack client } | Should -Be InvalidArgument
        Get-ErrorId { Step-TcpStack client -Peek } | Should -Be InvalidArgument
        $threaded = Start-TcpStack -Link (New-PacketWire).A
        Get-ErrorId { Step-TcpStack $threaded -Duration 1s } | Should -Be InvalidArgument
        Get-ErrorId { Step-TcpStack $threaded } | Should -Be InvalidArgument
        Get-ErrorId { Start-TcpStack -Link (New-PacketWire).A -RealTime } | Should -Be InvalidArgument
    }

    It 'does not move the time of a stack in real time' {
        $stack = Start-TcpStack 10.2.0.1/24 -Link (New-PacketWire).A -Manual -RealTime
        $stack.Clock | Should -BeNullOrEmpty
        $null = Open-TcpSession 10.2.0.2 80
        (Step-TcpStack).Kind | Should -Be Application
        (Step-TcpStack).DidSomething | Should -BeFalse
        Get-ErrorId { Step-TcpStack -Duration 1s } | Should -Be InvalidArgument
    }

    It 'does not wait for a manual stack' {
        $null = Start-TcpStack 10.2.0.1/24 -Link (New-PacketWire).A -Manual
        $session = Open-TcpSession 10.2.0.2 80
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Get-ErrorId { $session | Receive-TcpData } | Should -Be TimedOut
        Get-ErrorId { $session | Wait-TcpSession Established } | Should -Be TimedOut
        $null = Step-TcpStack
        Get-ErrorId { $session | Wait-TcpSession Established } | Should -Be TimedOut
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5
    }

    It 'ends within 100 ms by Ctrl+C' {
        $null = New-ManualSession
        Get-TcpSession | Set-TcpSession -KeepAlive $true -KeepAliveTime 1s -KeepAliveInterval 1s
        Measure-Stop 'param($stacks) Step-TcpStack -Stack $stacks -Until { $false } | Out-Null' (, @(Get-TcpStack)) | Should -BeLessThan 100
        $real = Start-TcpStack 10.3.0.1/24 -Link (New-PacketWire).A -Manual -RealTime
        Measure-Stop 'param($stack) Step-TcpStack $stack -Until { $false }' $real | Should -BeLessThan 100
    }

    It 'waits for frames in real time' {
        $wire = New-PacketWire
        $a = Start-TcpStack 10.2.0.1/24 -Link $wire.A -Manual -RealTime -Name a
        $null = Start-TcpStack 10.2.0.2/24 -Link $wire.B -Name b
        $null = Start-TcpListener 80 -Stack b
        $session = Open-TcpSession 10.2.0.2 80 -Stack $a
        $steps = @(Step-TcpStack a -UntilState Established)
        $steps[0].Kind | Should -Be Application
        $steps[-1].Kind | Should -Be Frame
        $session.State | Should -Be Established
        Get-ErrorId { Step-TcpStack a -UntilState Closed -TimeoutSec 0.1 } | Should -Be NothingToDo
    }

    It 'has a line for each event in its table' {
        $pair = New-ManualPair
        $null = Open-TcpSession 10.2.0.2 80 -Stack $pair.A
        $lines = (Step-TcpStack a | Format-Table | Out-String -Width 200) -split "`n"
        @($lines -match 'CLOSED -> SYN-SENT').Count | Should -Be 1
        @($lines -match 'timer of session').Count | Should -Be 1
        ($lines -match 'CLOSED -> SYN-SENT')[0] | Should -Not -Match 'timer'
    }

    It 'does for a class what about_TcpTools_Steps promises' {
        $page = Get-Content -Raw (Join-Path $HelpSource about_TcpTools_Steps.md)
        $code = [regex]::Matches($page, '(?s)```powershell\n(.*?)```').ForEach({ $_.Groups[1].Value }) -join "`n"
        $output = & ([scriptblock]::Create($code)) | Out-String -Width 300
        $promises = [regex]::Matches($code, '# prints: (.*)')
        $promises.Count | Should -BeGreaterThan 10
        foreach ($promise in $promises) { $output | Should -Match ([regex]::Escape($promise.Groups[1].Value.Trim())) }
    }
}

Describe 'Step-TcpStack against the kernel' -Tag Root -Skip:([bool] $RootObstacle) {
    It 'walks through a handshake and an end with it' {
        . $PSScriptRoot/conditions.ps1
        $place = New-LabNamespace
        try {
            $null = Start-LabServer $place 0.0.0.0 7
            $script = @"
`$ErrorActionPreference = 'Stop'
Import-Module '$ModuleManifest'
`$null = Start-TcpStack 10.98.0.2/24 -Manual
`$session = Open-TcpSession 10.98.0.1 7
Step-TcpStack -UntilState Established | ForEach-Object { `$_.Events | Where-Object Kind -EQ StateChanged | ForEach-Object Summary }
`$session | Send-TcpData 'hello' -Line
Step-TcpStack -Until { `$session.Available -eq 7 } | Out-Null
`$session | Receive-TcpData -Line
`$session | Close-TcpSession
Step-TcpStack -UntilState TimeWait | Out-Null
"`$(`$session.State)"
"@
            $path = Join-Path $TestDrive steps.ps1
            Set-Content $path $script
            $result = Invoke-LabCommand $place $childPowerShell -NoProfile -NonInteractive -File $path
            $result.Error | Should -BeNullOrEmpty
            ($result.Output -split "`n" | Where-Object { $_ }) |
                Should -Be 'session 1 CLOSED -> SYN-SENT', 'session 1 SYN-SENT -> ESTABLISHED', 'hello', 'TimeWait'
        }
        finally { Remove-LabNamespace $place }
    }
}
