. $PSScriptRoot/common.ps1

Describe 'Packet automata' {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1

        function Get-WorkerCount {
            $type = (Get-Command New-PacketAutomaton).ImplementingType.Assembly.GetType('TcpTools.PowerShell.ScriptWorker')
            $type.GetProperty('Count').GetValue($null)
        }

        # Asks for echoes, one after another.
        $ping = New-PacketAutomaton Ping -Parameter @{ Target = '10.7.0.1'; Count = 2 } -Data @{ Sent = 0 } {
            State Sending -Initial {
                $this.Data.Sent++
                New-IPPacket $this.Parameter.Target 10.7.0.2 | New-IcmpMessage -Sequence $this.Data.Sent | Send
            }
            State Waiting
            State Done -Final { 'done' }
            On Condition Sending -Goto Waiting
            On Packet Waiting -Name Answer -When { $_.Icmp -and $_.Icmp.Sequence -eq $this.Data.Sent } -Then {
                "answer $($_.Icmp.Sequence) at $($this.Now)"
                if ($this.Data.Sent -ge $this.Parameter.Count) { Goto Done }
            } -Goto Sending -Or Done
            On Timeout Waiting 1 -Goto Sending
        }

        # Gives back what goes in, in capitals, until the input ends.
        $echo = New-PacketAutomaton Echo {
            State Open -Initial
            State Closed -Final
            On Input Open -Then { "$_".ToUpper() }
            On InputEnd Open -Goto Closed
        }

        $clock = New-PacketAutomaton Clock -Data @{ Fast = 0; Slow = 0 } {
            State Begin -Initial
            State End -Final { $this.Data.Fast, $this.Data.Slow }
            On Timer Begin 0.1 -Name fast -Then { $this.Data.Fast++ }
            On Timer Begin 150ms -Name slow -Then { $this.Data.Slow++ }
            On Timeout Begin 1 -Goto End
        }
    }

    AfterEach {
        Get-PacketAutomaton | Stop-PacketAutomaton -Force
        Remove-TestStack
    }

    It 'run timers exactly in simulated time' {
        Start-PacketAutomaton $clock -Virtual | Should -Be 10, 6
        $clock.Log.Count | Should -Be 2
        $clock.Log[1].Time.ToString() | Should -Be '1.000000'
        "$($clock.Status) $($clock.State)" | Should -Be 'Ended End'
    }

    It 'set and reset timers while they run' {
        $changed = New-PacketAutomaton -Base $clock Changed {
            Action fast { if ($this.Data.Fast -eq 4) { $this.Timers.fast.Set(0.2) } }
            Action fast { if ($this.Data.Fast -eq 2) { $this.Timers['slow'].Reset() } }
        }
        Start-PacketAutomaton $changed -Virtual | Should -Be 7, 6
    }

    It 'begin anew each time with the data that was given' {
        1..3 | ForEach-Object { Start-PacketAutomaton $clock -Virtual } | Should -Be 10, 6, 10, 6, 10, 6
    }

    It 'live on a link in simulated time' {
        $wire = New-PacketWire -Delay 20ms
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        Start-PacketAutomaton $ping -Link $wire.B | Should -Be 'answer 1 at 0.040000', 'answer 2 at 0.080000', done
        $ping.Sent, $ping.Received | Should -Be 2, 2
        Start-PacketAutomaton $ping -Link $wire.B -Parameter @{ Count = 1 } | Should -HaveCount 2
    }

    It 'live on a link in real time, where packets get lost, and ask again' {
        $wire = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A
        $lossy = New-PacketAutomaton -Base $ping -Data @{ Lost = $false } {
            Sender { if ($this.Data.Lost) { $this.Transmit($_) } else { $this.Data.Lost = $true } }
        }
        $out = @(Start-PacketAutomaton $lossy -Link $wire.B -Parameter @{ Count = 2 })
        $out.Count | Should -Be 2 -Because "$out"
        $out[0] | Should -BeLike 'answer 2 at*'
        @($lossy.Log | Where-Object Rule -Like *Timeout*).Count | Should -Be 1
    }

    It 'live beside a stack, with a filter' {
        $pair = New-TestPair
        $watch = New-PacketAutomaton Watch {
            State Wait -Initial
            State Seen -Final
            On Packet Wait -Then { $_.Tcp.Flags } -Goto Seen
        }
        Start-PacketAutomaton $watch -Stack $pair.Server -Background -Filter 'tcp[tcpflags] & tcp-syn != 0' | Should -Be $watch
        $null = Test-IcmpEcho 10.7.0.2
        $null = Test-TcpPort 10.7.0.2 80
        $watch | Receive-PacketAutomaton | Should -Be ([TcpTools.Wire.TcpFlags]::Syn)
        "$($watch.Status)" | Should -Be Ended
    }

    It 'live on a session, message by message' {
        $pair = New-TestSession
        $shout = New-PacketAutomaton Shout {
            State Talk -Initial { "hello`n" | Send }
            State Over -Final { 'over' }
            On Data Talk -Line -When { $_ -eq 'bye' } -Goto Over
            On Data Talk -Line -Then { Send "$($_.ToUpper())`n" }
            On DataEnd Talk -Then { 'end' } -Goto Over
        }
        $null = Start-PacketAutomaton $shout -Session $pair.Far -Background
        Send-TcpData "one`ntwo`n" -Session $pair.Near
        Receive-TcpData $pair.Near -Count 3 -Line | Should -Be hello, ONE, TWO
        Send-TcpData "bye`n" -Session $pair.Near
        $shout | Receive-PacketAutomaton | Should -Be over
    }

    It 'cut messages by <How>' -ForEach @(
        @{ How = 'a count'; With = @{ Count = 3 }; Sent = 'abcdefg'; Out = 'abc', 'def', 'end g' }
        @{ How = 'a mark'; With = @{ Until = ';' }; Sent = 'a;bc;d'; Out = 'a;', 'bc;', 'end d' }
        @{ How = 'a length of their own'; With = @{ Length = { if ($_.Count -gt [int] "$([char] $_[0])") { 1 + "$([char] $_[0])" } } }; Sent = '1a2bc3de'; Out = '1a', '2bc', 'end 3de' }
    ) {
        $pair = New-TestSession
        $cutter = New-PacketAutomaton Cutter {
            State Read -Initial
            State Over -Final
            On Data Read @With -Then { [Text.Encoding]::ASCII.GetString($_) }
            On DataEnd Read -Then { "end $([Text.Encoding]::ASCII.GetString($_))" } -Goto Over
        }
        Send-TcpData $Sent -Session $pair.Near
        Close-TcpSession $pair.Near
        Start-PacketAutomaton $cutter -Session $pair.Far | Should -Be $Out
    }

    It 'take objects from the pipeline, and end with it' {
        'a', 'b' | Start-PacketAutomaton $echo -Virtual | Should -Be A, B
        "$($echo.Status)" | Should -Be Ended
        @() | Start-PacketAutomaton $echo -Virtual | Should -BeNullOrEmpty
        "$($echo.Status)" | Should -Be Ended
    }

    It 'take and give objects in the background' {
        $null = $echo | Start-PacketAutomaton -Background
        'get', 'put' | Send-PacketAutomaton $echo
        $echo | Receive-PacketAutomaton -Count 2 | Should -Be GET, PUT
        Send-PacketAutomaton $echo last -Complete
        $echo | Receive-PacketAutomaton -All | Should -Be LAST
        "$($echo.Status)" | Should -Be Ended
        Get-ErrorId { Send-PacketAutomaton $echo more } | Should -Be SessionClosed
    }

    It 'have other ports where a rule names them' {
        $two = New-PacketAutomaton Two {
            State Locked -Initial
            State Open
            State Over -Final
            On Input Locked -Port Key -When { $_ -eq 42 } -Goto Open
            On Input Open -Then { "got $_" }
            On InputEnd Open -Goto Over
        }
        $null = Start-PacketAutomaton $two -Background
        Send-PacketAutomaton $two early -Complete
        41, 42 | Send-PacketAutomaton $two -Port Key
        # What no rule takes waits, and what is behind it waits for it.
        Wait-Until { "$($two.State) $($two.PendingInput)" -eq 'Locked 3' }
        Get-ErrorId { Send-PacketAutomaton $two 1 -Port None } | Should -Be InvalidArgument
        Stop-PacketAutomaton $two
        "$($two.Status)" | Should -Be Stopped
    }

    It 'stand still before breakpoints, and go on' {
        $wire = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        Start-PacketAutomaton $ping -Link $wire.B -Breakpoint Wait*, Done -WarningVariable said 3>$null | Should -BeNullOrEmpty
        "$said" | Should -BeLike 'Ping stands before Waiting*'
        "$($ping.Status) $($ping.Pause) $($ping.State)" | Should -Be 'Paused Breakpoint Sending'
        (Get-PacketAutomaton Ping).Id | Should -Be $ping.Id
        Start-PacketAutomaton $ping -Breakpoint Done 3>$null | Should -HaveCount 2
        Start-PacketAutomaton Ping | Should -Be done
        Get-PacketAutomaton | Should -BeNullOrEmpty
        Get-ErrorId { Start-PacketAutomaton $ping -Link $wire.B -Breakpoint Nowhere } | Should -Be InvalidAutomaton
        $ping.Breakpoints.Clear()
    }

    It 'take single steps that show what they did' {
        $wire = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        $steps = Step-PacketAutomaton $ping -Link $wire.B -Count 3
        $steps.To | Should -Be Sending, Waiting, Sending
        $steps.Rule | Should -Be '', 'Sending.Condition1', 'Answer'
        $steps[0].Sent[0].Icmp.Sequence | Should -Be 1
        $steps[2].Output | Should -BeLike 'answer 1*'
        $steps[2].Cause | Should -BeLike '*echo reply*'
        ($steps | Format-Table | Out-String) | Should -Match 'Sending +Waiting +Sending.Condition1'
        Start-PacketAutomaton $ping | Should -HaveCount 2
        Get-ErrorId { Step-PacketAutomaton $ping } | Should -Be InvalidArgument
    }

    It 'let packets be judged by hand while stepping: <Verdict>' -ForEach @(
        @{ Verdict = 'Accept'; With = @{ Accept = $true }; Expected = 'answer 1 at 0.000000' }
        @{ Verdict = 'Reject'; With = @{ Reject = $true }; Expected = 'answer 2 at 1.000000' }
        @{ Verdict = 'Replace'; With = @{ Replace = $null }; Expected = 'answer 1 at 0.000000' }
    ) {
        $wire = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        $step = Step-PacketAutomaton $ping -Link $wire.B -Intercept Sending
        "$($step.Pause) $($step.Intercepted.Icmp.Sequence)" | Should -Be 'Interception 1'
        Get-ErrorId { Step-PacketAutomaton $ping } | Should -Be InvalidArgument
        Get-ErrorId { Start-PacketAutomaton $ping } | Should -Be InvalidArgument
        if ($Verdict -eq 'Replace') { $With = @{ Replace = $step.Intercepted, (New-IPPacket 10.7.0.1 10.7.0.2 | New-UdpDatagram 99) } }
        $judged = Step-PacketAutomaton $ping @With
        @($judged.Sent).Count | Should -Be @{ Accept = 1; Reject = 0; Replace = 2 }[$Verdict]
        $ping.InterceptIn.Clear()
        @(Start-PacketAutomaton $ping)[0] | Should -Be $Expected
        Get-ErrorId { Step-PacketAutomaton $ping -Accept -Link $wire.B } | Should -Be InvalidArgument
    }

    It 'let packets be judged by a script' {
        $wire = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        $out = Start-PacketAutomaton $ping -Link $wire.B -Parameter @{ Count = 3 } -Verdict {
            $packet = $_
            switch ($packet.Icmp.Sequence) {
                1 { $false }
                2 { $packet | Copy-Packet @{ 'IP.TimeToLive' = 9 } -Recompute }
                default { $true }
            }
        }
        $out | Should -Be 'answer 2 at 1.000000', 'answer 3 at 1.000000', done
        $ping.Rejected | Should -Be 2
        @($ping.Packets | Where-Object { $_.IP.TimeToLive -eq 9 }).Count | Should -Be 1
        $ping.Interceptor = $null
        $ping.InterceptIn.Clear()
    }

    It 'are based on others, with single states and rules replaced' {
        $base = New-PacketAutomaton First {
            State A -Initial
            State B { 'old B' }
            State C -Final { 'old C' }
            On Condition A -Name go -Then { 'old go' } -Goto B
            On Condition B -Goto C
        }
        $new = New-PacketAutomaton Second -Base $base {
            State C -Final { 'new C' }
            On Condition A -Name go -Then { 'new go' } -Goto B
        }
        Start-PacketAutomaton $base -Virtual | Should -Be 'old go', 'old B', 'old C'
        Start-PacketAutomaton $new -Virtual | Should -Be 'new go', 'old B', 'new C'
        Get-ErrorId { New-PacketAutomaton -Base $base { Without go } | Start-PacketAutomaton -Virtual } | Should -Be Stuck
        ($base | New-PacketAutomaton Copy).Definition.States.Count | Should -Be 3
    }

    It 'ask rules in the order of their priorities' {
        $order = New-PacketAutomaton Order {
            State A -Initial
            State B -Final
            On Condition A -Priority 2 -Then { 'second' } -When { $true } -Goto B -Name second
            On Condition A -Priority 1 -Then { 'first' } -When { $false } -Goto B
            On Condition A -Priority 3 -Then { 'third' } -Goto B
            Action second -Priority 2 { 'after' }
            Action second -Priority -1 { 'before' }
        }
        Start-PacketAutomaton $order -Virtual | Should -Be before, second, after
    }

    It 'take the values of $using: where they are written, also in loops and in the background' {
        $Name = 'outer'
        $many = New-PacketAutomaton Many {
            foreach ($i in 1..3) { State "S$i" -Initial:($i -eq 1) { "$using:Name $using:i $(@($using:i, 1)[0])" } }
            State End -Final
            foreach ($i in 1..2) { On Condition "S$i" -Goto "S$($i + 1)" }
            On Condition S3 -Goto End
        }
        $Name = 'changed'
        Start-PacketAutomaton $many -Virtual | Should -Be 'outer 1 1', 'outer 2 2', 'outer 3 3'
        $many | Start-PacketAutomaton -Background | Receive-PacketAutomaton -All | Should -Be 'outer 1 1', 'outer 2 2', 'outer 3 3'
    }

    It 'run the scripts on the pipeline''s thread in front, and in a runspace of their own behind' {
        $where = New-PacketAutomaton Where { State A -Final:$false -Initial { [runspace]::DefaultRunspace.Id }; State End -Final; On Condition A -Goto End }
        Start-PacketAutomaton $where -Virtual | Should -Be ([runspace]::DefaultRunspace.Id)
        $before = Get-WorkerCount
        1..5 | ForEach-Object { $where | Start-PacketAutomaton -Background | Receive-PacketAutomaton -All } | Should -Not -Contain ([runspace]::DefaultRunspace.Id)
        Wait-Until { (Get-WorkerCount) -eq $before }
    }

    It 'end with an error that says so: <What>' -ForEach @(
        @{ What = 'stuck'; Id = 'Stuck'; Says = '*stuck in A: no condition holds*'; Block = { State A -Initial; State B -Final; On Condition A -When { $false } -Goto B } }
        @{ What = 'circles'; Id = 'Stuck'; Says = '*round in circles*'; Block = { State A -Initial; State B { Goto A }; On Condition A -Goto B } }
        @{ What = 'an error state'; Id = 'ErrorState'; Says = '*error state Bad: no luck*'; Block = { State A -Initial; State Bad -Error { 'no luck' }; On Condition A -Goto Bad } }
        @{ What = 'a script that throws'; Id = 'AutomatonScriptFailed'; Says = '*failed in state A (*PacketAutomaton.Tests.ps1:*): oh no*'; Block = { State A -Initial { throw 'oh no' } } }
        @{ What = 'an unknown state to go to'; Id = 'AutomatonScriptFailed'; Says = '*no state*Z*'; Block = { State A -Initial { Goto Z } } }
        @{ What = 'something sent that is no packet'; Id = 'AutomatonScriptFailed'; Says = '*not a packet*'; Block = { State A -Initial { 'text' | Send } } }
        @{ What = 'nothing left that could happen'; Id = 'Stuck'; Says = '*waits in A*'; Block = { State A -Initial; On Input A } }
    ) {
        $bad = New-PacketAutomaton Bad $Block
        $record = Get-TheError { $bad | Start-PacketAutomaton -Virtual | Out-Null }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be $Id
        "$record" | Should -BeLike $Says
        $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'tell scripts that fail in the background when they are received from' {
        $bad = New-PacketAutomaton Bad { State A -Initial { 'first'; throw 'oh no' } }
        $null = $bad | Start-PacketAutomaton -Background
        $record = Get-TheError { $bad | Receive-PacketAutomaton -All | Out-Null }
        "$record" | Should -BeLike '*PacketAutomaton.Tests.ps1:*oh no*'
        $bad.Failure | Should -Not -BeNullOrEmpty
    }

    It 'do not leave by a break, a continue or an exit of a script''s' {
        $odd = New-PacketAutomaton Odd {
            State A -Initial { 'a'; break; 'never' }
            State B { continue }
            State C -Final { 'c' }
            On Condition A -Goto B
            On Condition B -Goto C
        }
        Start-PacketAutomaton $odd -Virtual | Should -Be c
        $exits = New-PacketAutomaton Exits { State A -Initial { exit }; On Timer A 1 }
        Start-PacketAutomaton $exits -Virtual
        "$($exits.Status)" | Should -Be Stopped
    }

    It 'say what would have been accepted: <Says>' -ForEach @(
        @{ Block = { State A }; Says = '*no initial state*'; Advice = '*-Initial: A.' }
        @{ Block = { }; Says = '*no states*'; Advice = '*State Start -Initial*' }
        @{ Block = { State A -Initial; State B -Initial }; Says = '*2 initial states: A (PacketAutomaton.Tests.ps1:*' }
        @{ Block = { State A -Initial; State a }; Says = "*two states 'a'*PacketAutomaton.Tests.ps1:* and *" }
        @{ Block = { State A -Initial -Final }; Says = '*-Initial and -Final*' }
        @{ Block = { State }; Says = '*State lacks its name*' }
        @{ Block = { State A -Initial; On Pakket A }; Says = "*'Pakket'*"; Advice = '*Packet, Data*' }
        @{ Block = { State A -Initial; On Packet }; Says = '*lacks its state*' }
        @{ Block = { State A -Initial; On Packet B -Goto A }; Says = "*PacketAutomaton.Tests.ps1:*for a state 'B'*"; Advice = 'There are A.' }
        @{ Block = { State A -Initial; On Packet A -Goto B }; Says = "*leads to a state 'B'*"; Advice = 'There are A.' }
        @{ Block = { State A -Initial; On Timeout A }; Says = '*has no time*' }
        @{ Block = { State A -Initial; On Timer A soon }; Says = "*'soon' is no time*" }
        @{ Block = { State A -Initial; On Packet A 5 }; Says = '*takes no time*' }
        @{ Block = { State A -Initial; On Timer A -Manual }; Says = '*no name*' }
        @{ Block = { State A -Initial; On Packet A -Line }; Says = '*-Line*' }
        @{ Block = { State A -Initial; On Data A -Line -Count 3 }; Says = '*-Line and -Count*' }
        @{ Block = { State A -Initial; On Packet A -Port x }; Says = '*no port*' }
        @{ Block = { State A -Initial; On Condition A }; Says = '*leads nowhere*' }
        @{ Block = { State A -Initial; Stat B }; Says = "*'Stat'*" }
        @{ Block = { State A -Initial; On Packet A -Whenever { } }; Says = '*Whenever*' }
        @{ Block = { State A -Initial; Action none { } }; Says = "*no rule 'none'*" }
        @{ Block = { Without none }; Says = "*no rule 'none'*" }
        @{ Block = { State A -Initial; Only }; Says = '*Only has no script*' }
    ) {
        $record = Get-TheError { New-PacketAutomaton X $Block }
        ($record.FullyQualifiedErrorId -split ',')[0] | Should -Be InvalidAutomaton
        "$record" | Should -BeLike $Says
        $record.ErrorDetails.RecommendedAction | Should -BeLike ($_.ContainsKey('Advice') ? $Advice : '?*')
    }

    It 'report <Id> for <Case>' -ForEach @(
        @{ Case = 'an unknown parameter'; Id = 'InvalidArgument'; Script = { Start-PacketAutomaton $ping -Virtual -Parameter @{ Nothing = 1 } } }
        @{ Case = 'no automaton'; Id = 'InvalidArgument'; Script = { Start-PacketAutomaton } }
        @{ Case = 'something else from the pipeline'; Id = 'InvalidArgument'; Script = { 'x' | Start-PacketAutomaton } }
        @{ Case = 'a name that nobody has'; Id = 'ParameterArgumentTransformationError'; Script = { Start-PacketAutomaton nobody } }
        @{ Case = 'a name that nobody has'; Id = 'NoAutomaton'; Script = { Get-PacketAutomaton nobody } }
        @{ Case = 'no more time'; Id = 'TimedOut'; Script = { Start-PacketAutomaton $clock -Virtual -TimeoutSec 0.5 } }
        @{ Case = 'no more time for a step'; Id = 'TimedOut'; Script = { Step-PacketAutomaton $clock -Virtual -TimeoutSec 0.05 -Count 2 } }
        @{ Case = 'one that works already'; Id = 'InvalidArgument'; Script = { $null = Start-PacketAutomaton $echo -Background; Start-PacketAutomaton $echo } }
        @{ Case = 'a place for one that has begun'; Id = 'InvalidArgument'; Script = { $null = Step-PacketAutomaton $clock -Virtual; Step-PacketAutomaton $clock -Virtual } }
        @{ Case = 'a bad filter'; Id = 'InvalidFilter'; Script = { Start-PacketAutomaton $ping -Link (New-PacketWire).A -Filter 'prt 1' } }
        @{ Case = 'a port that there is not'; Id = 'InvalidArgument'; Script = { Send-PacketAutomaton $echo 1 -Port None } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'begin anew with -Restart' {
        Get-ErrorId { Start-PacketAutomaton $clock -Virtual -TimeoutSec 0.55 } | Should -Be TimedOut
        $clock.Data.Fast | Should -Be 5
        Start-PacketAutomaton $clock -Virtual -Restart | Should -Be 10, 6
    }

    It 'go to their stop state when they are stopped, and end at once by force' {
        $polite = New-PacketAutomaton Polite {
            State Work -Initial
            State Goodbye -Stop { 'bye' }
            State End -Final
            On Timer Work 1
            On Timeout Goodbye 1 -Goto End
        }
        $null = Step-PacketAutomaton $polite -Virtual
        (Stop-PacketAutomaton $polite -PassThru).State | Should -Be End
        $polite | Receive-PacketAutomaton | Should -Be bye
        $null = $polite | Start-PacketAutomaton -Background -Virtual
        Wait-Until { $polite.State }
        Stop-PacketAutomaton $polite
        "$($polite.Status) $($polite.State)" | Should -Be 'Ended End'
        $null = $polite | Start-PacketAutomaton -Background
        Wait-Until { $polite.State }
        Stop-PacketAutomaton $polite -Force
        Wait-Until { "$($polite.Status)" -eq 'Stopped' }
    }

    It 'are stopped by force in the middle of a script that does not come back' {
        $before = Get-WorkerCount
        $loop = New-PacketAutomaton Loop { State A -Initial { while ($true) { } } }
        $null = $loop | Start-PacketAutomaton -Background
        Wait-Until { $loop.State -eq 'A' }
        Get-ErrorId { Stop-PacketAutomaton $loop -TimeoutSec 0.2 } | Should -Be TimedOut
        Wait-Until { (Get-WorkerCount) -eq $before }
        Wait-Until { "$($loop.Status)" -eq 'Stopped' }
        $null = $loop | Start-PacketAutomaton -Background
        Wait-Until { $loop.State -eq 'A' }
        Stop-PacketAutomaton $loop -Force
        Wait-Until { (Get-WorkerCount) -eq $before -and "$($loop.Status)" -eq 'Stopped' }
    }

    It 'end within 100 ms when the pipeline is stopped: <What>' -ForEach @(
        @{ What = 'waiting'; Body = '-Initial' }
        @{ What = 'in a script'; Body = '-Initial { while ($true) { } }' }
    ) {
        Measure-Stop "New-PacketAutomaton X { State A $Body; On Timer A 0.01 -Then { } } | Start-PacketAutomaton" | Should -BeLessThan 100
    }

    It 'let <_> be stopped within 100 ms' -ForEach @(
        'Step-PacketAutomaton $a'
        'Start-PacketAutomaton $a -Background | Receive-PacketAutomaton -Count 2 -TimeoutSec -1'
        '$null = Start-PacketAutomaton $a -Background | Receive-PacketAutomaton; Stop-PacketAutomaton $a -TimeoutSec -1'
    ) {
        $before = Get-WorkerCount
        $definition = 'State A -Initial { 1 }; State Leave -Stop; On Packet A -Goto A; On Timer Leave 1000'
        Measure-Stop -Tries 6 -Script "`$a = New-PacketAutomaton X { $definition }; `$a.Breakpoints.Clear(); `$wire = New-PacketWire; `$PSDefaultParameterValues = @{ 'Start-PacketAutomaton:Link' = `$wire.A; 'Step-PacketAutomaton:Link' = `$wire.A }; $(if ($_ -like 'Step*') { '$null = Step-PacketAutomaton $a; $PSDefaultParameterValues = @{}; ' })$_" | Should -BeLessThan 100
        Wait-Until { (Get-WorkerCount) -eq $before }
    }

    It 'leave nothing when the pipeline ends before them' {
        $endless = New-PacketAutomaton Endless { State A -Initial; On Timer A 1 -Then { 'tick' } }
        $endless | Start-PacketAutomaton -Virtual | Select-Object -First 3 | Should -Be tick, tick, tick
        Get-PacketAutomaton | Should -BeNullOrEmpty
        "$($endless.Status)" | Should -Be Stopped
    }

    It 'end with the module, and pwsh with them' {
        $script = @"
Import-Module '$ModuleManifest'
`$a = New-PacketAutomaton A { State A -Initial { 'begun' }; On Timer A 1 }
`$null = `$a | Start-PacketAutomaton -Background
`$a | Receive-PacketAutomaton
Remove-Module TcpTools
`$clock = [System.Diagnostics.Stopwatch]::StartNew()
while ("`$(`$a.Status)" -ne 'Stopped' -and `$clock.Elapsed.TotalSeconds -lt 20) { [System.Threading.Thread]::Yield() > `$null }
"`$(`$a.Status)"
Import-Module '$ModuleManifest'
`$b = New-PacketAutomaton B { State A -Initial { 'again' }; On Timer A 1 } | Start-PacketAutomaton -Background
`$b | Receive-PacketAutomaton
"@
        $path = Join-Path $TestDrive end.ps1
        Set-Content $path $script
        & $childPowerShell -NoProfile -NonInteractive -File $path 2>&1 | Should -Be begun, Stopped, again
    }

    It 'tell what they do, as much as is wanted' {
        $said = @(Start-PacketAutomaton $clock -Virtual -DebugLevel 2 -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })
        $said[0].Message | Should -BeLike 'Clock 0.000000 starts to Begin*'
        @($clock.Messages | Where-Object Text -Like 'takes fast*').Count | Should -Be 10
        $clock.Messages | ForEach-Object Level | Sort-Object -Unique | Should -Be 1, 2
        $null = Start-PacketAutomaton $clock -Virtual -DebugLevel 0
        @($clock.Messages).Count | Should -Be 0
    }

    It 'are drawn for Graphviz and Mermaid' {
        $ping | ConvertTo-PacketAutomatonGraph | Should -Match '"Waiting" -> "Sending" \[label="Answer", color=red\]'
        if (Get-Command dot -ErrorAction Ignore) {
            $svg = $ping, $clock, $echo | ForEach-Object { ConvertTo-PacketAutomatonGraph $_ -Current | dot -Tsvg }
            $LASTEXITCODE | Should -Be 0
            "$svg" | Should -Match Waiting
        }
        $ping | ConvertTo-PacketAutomatonGraph -As Mermaid | Should -Match 's1 --> s2 : Answer'
    }

    It 'have parameters, data, timers and counters to look at' {
        $ping.Parameter.Target | Should -Be 10.7.0.1
        $clock.Timers.fast.IsPeriodic | Should -BeTrue
        ($ping | Format-List | Out-String) | Should -Match 'Waiting.Timeout1'
        ($clock.Timers.Values | Format-Table | Out-String) | Should -Match '0.15'
        ($clock.Definition.Rules | Format-Table | Out-String -Width 200) | Should -Match 'PacketAutomaton.Tests.ps1'
    }

    It 'wait for other cmdlets in simulated time when they run behind' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack $pair.Server
        $caller = New-PacketAutomaton Caller {
            State Begin -Initial { $session = Open-TcpSession 10.7.0.2 80; "$($session.State)"; $session | Close-TcpSession }
            State End -Final
            On Timeout Begin 1 -Goto End
        }
        $null = $caller | Start-PacketAutomaton -Background -Stack $pair.Client
        $caller | Receive-PacketAutomaton -All | Should -Be Established
    }

    It 'serve many clients, one automaton for each' {
        $pair = New-TestPair -Threaded
        $greeter = New-PacketAutomaton Greeter {
            State Open -Initial { "hello`n" | Send }
            State Over -Final
            On Data Open -Line -Then { Send "$_ $($this.Id)`n" }
            On DataEnd Open -Goto Over
        }
        $null = Start-TcpListener 81 -Stack $pair.Server -Action { New-PacketAutomaton -Base $using:greeter | Start-PacketAutomaton -Session $_ }
        $answers = foreach ($i in 1..3) {
            $session = Open-TcpSession 10.7.0.2 81 -Stack $pair.Client
            $session | Send-TcpData "client`n"
            ($session | Receive-TcpData -Line -Count 2)[1]
            $session | Close-TcpSession
        }
        @($answers | Sort-Object -Unique).Count | Should -Be 3
        $answers | Should -BeLike 'client *'
    }

    It 'call functions of their block wherever they run' {
        $prefix = 'one'
        $functions = New-PacketAutomaton Functions {
            function Get-Greeting($Name, [int] $Count = 1) { "$using:prefix $Name $Count $($this.Name)" }
            function Get-Mark { param([string] $Text) process { "<$Text>" } }
            State A -Initial { Get-Greeting x 2; Get-Mark $using:prefix }
            State B -Final
            On Condition A -Goto B
        }
        Start-PacketAutomaton $functions -Virtual | Should -Be 'one x 2 Functions', '<one>'
        $functions | Start-PacketAutomaton -Background | Receive-PacketAutomaton -All | Should -Be 'one x 2 Functions', '<one>'
    }
}
