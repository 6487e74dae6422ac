. $PSScriptRoot/common.ps1

Describe 'Packet hooks' {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
        $assembly = (Get-Command Register-PacketHook).ImplementingType.Assembly
        function Get-WorkerCount { $assembly.GetType('TcpTools.PowerShell.ScriptWorker').GetProperty('Count').GetValue($null) }
        # Other tests' scripts may still be at it.
        function Wait-Worker { Wait-Until { (Get-WorkerCount) -le $script:workersBefore } }
    }

    BeforeEach { $script:workersBefore = Get-WorkerCount }

    AfterEach {
        Remove-TestStack
        Wait-Worker
    }

    Context 'Register-PacketHook' {
        It 'gives a script the packet, and takes what it leaves' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData {
                "$($_.Stage) $($_.Direction) $($_.State) $($_.Session.Id) $($_.Stack.Name) $($_.Packet.Tcp.DestinationPort) $($_.Payload.Text) $($_.Time)"
                $_.Tcp.Window = 1234
                $_.IP.TimeToLive = 7
                $_.Payload = 'other'
            }
            $seen = Register-PacketHook IPIn -HasData { "$($_.Tcp.Window) $($_.IP.TimeToLive) $($_.Packet.Anomalies.Count)" } -Stack $test.Server
            $test.Near | Send-TcpData 'words'
            $test.Far | Receive-TcpData -AsString | Should -Be 'other'
            "$($hook.LastOutput)" | Should -BeLike "TcpOut Out Established $($test.Near.Id) client 80 words *"
            "$($seen.LastOutput)" | Should -Be '1234 7 0'
            $hook.Seen, $hook.Matched, $hook.Changed, $hook.Failed | Should -Be 1, 1, 1, 0
            $hook.Time | Should -BeGreaterThan ([timespan]::Zero)
        }

        It 'leaves a connection whole whose SYN-ACK has a number of a script''s' {
            $pair = New-TestPair
            $null = Register-PacketHook SynAck { $_.Packet.Tcp.Sequence = 5555 } -Stack $pair.Server
            $listener = Start-TcpListener 80 -Stack $pair.Server
            $near = Open-TcpSession $pair.Address 80
            $far = $listener | Receive-TcpSession
            $far.Info.InitialSendSequence.Value | Should -Be 5555
            $text = 'x' * 100000
            $far | Send-TcpData $text
            $near | Receive-TcpData -Count 100000 -AsString | Should -Be $text
            $near | Send-TcpData 'and back'
            $far | Receive-TcpData -AsString | Should -Be 'and back'
        }

        It 'does without a script what is asked for most: <Name>' -ForEach @(
            @{ Name = 'drop'; With = @{ Drop = $true }; Then = { $hook.Dropped | Should -Be 1; $test.Near.Info.RetransmittedSegments | Should -Be 1 } }
            @{ Name = 'delay'; With = @{ Delay = '70ms' }; Then = { $hook.Delayed | Should -Be 1; $test.Near.Info.RetransmittedSegments | Should -Be 0 } }
            @{ Name = 'duplicate'; With = @{ Duplicate = 2; Gap = '5ms' }; Then = { $hook.Duplicated | Should -Be 2 } }
            @{ Name = 'corrupt a checksum'; With = @{ Corrupt = 'Checksum' }; Then = { $test.Server.Counters['TcpInCsumErrors'] | Should -Be 1 } }
            @{ Name = 'corrupt the header'; With = @{ Corrupt = 'IPChecksum' }; Then = { $test.Server.Counters['IpInHdrErrors'] | Should -Be 1 } }
            @{ Name = 'corrupt the data'; With = @{ Corrupt = 'Data' }; Then = { $test.Server.Counters['TcpInCsumErrors'] | Should -Be 1 } }
            @{ Name = 'set fields'; With = @{ Set = @{ 'IP.Identification' = 77; 'tcp.window' = 5; 'IP.TimeToLive' = 9 } }; Then = { "$($seen.LastOutput)" | Should -Be '77 5 9 0' } }
            @{ Name = 'set flags and options by text'; With = @{ Set = @{ 'Tcp.Flags' = 'PA'; 'Tcp.Options' = 'nop', 'nop' } }; Then = { $hook.Changed | Should -Be 1 } }
        ) {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData -First 1 @With
            $seen = Register-PacketHook IPIn -Stack $test.Server -HasData -First 1 { "$($_.IP.Identification) $($_.Tcp.Window) $($_.IP.TimeToLive) $($_.Packet.Anomalies.Count)" }
            $test.Near | Send-TcpData 'text'
            $test.Far | Receive-TcpData -AsString | Should -Be 'text'
            $hook.IsActive | Should -BeFalse
            & $Then
        }

        It 'keeps a window closed for so long by the stack''s clock' {
            $test = New-TestSession
            $start = $test.Client.Now
            $hook = Register-PacketHook TcpOut -Session $test.Near -Set @{ 'Tcp.Window' = 0 } -DurationSec 5
            $test.Near | Send-TcpData 'closed now'
            $null = $test.Far | Receive-TcpData
            $test.Far | Send-TcpData 'waited for'
            $test.Near | Receive-TcpData -AsString -TimeoutSec 60 | Should -Be 'waited for'
            ($test.Client.Now - $start).TotalSeconds | Should -BeGreaterThan 5
            $hook.IsActive | Should -BeFalse
            Get-PacketHook | Should -BeNullOrEmpty
        }

        It 'holds a FIN until it is removed' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -Flags Fin -Hold
            $test.Near | Close-TcpSession -HalfClose -NoWait
            Step-TcpStack -Duration 100ms -ErrorAction Ignore
            $hook.Held | Should -Be 1
            $test.Far.IsPeerFinished | Should -BeFalse
            $hook | Unregister-PacketHook
            $test.Far | Receive-TcpData -All | Should -BeNullOrEmpty
            $test.Far.IsPeerFinished | Should -BeTrue
        }

        It 'lets a script drop, delay, duplicate, hold and answer' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData {
                param($seconds)
                $context = $_ # in a switch, $_ is something else
                switch ($context.Payload.Text) {
                    'delay' { $context.Delay($seconds) }
                    'twice' { $context.Duplicate(1) }
                }
            } -ArgumentList 0.1
            $start = $test.Client.Now
            foreach ($word in 'plain', 'delay', 'twice') {
                $test.Near | Send-TcpData $word
                $test.Far | Receive-TcpData -AsString | Should -Be $word
            }
            $hook.Delayed, $hook.Duplicated, $hook.Failed | Should -Be 1, 1, 0
            ($test.Client.Now - $start).TotalMilliseconds | Should -Be 100
            $null = Register-PacketHook IPIn -Port 99 -Flags Syn { $_.Answer((New-PacketReply $_.Packet)) } -Stack $test.Server
            (Test-TcpPort 10.7.0.2 99 -Stack $test.Client -Detailed).State | Should -Be Open
        }

        It 'takes values along and carries news back' {
            $test = New-TestSession
            $prefix = 'told: '
            $news = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
            $null = Register-PacketHook Data { ($using:news).Enqueue("$using:prefix$($_.Text)") } -Stack $test.Server
            $test.Near | Send-TcpData 'a'
            $null = $test.Far | Receive-TcpData
            $test.Near | Send-TcpData 'b'
            $null = $test.Far | Receive-TcpData
            "$news" | Should -Be 'told: a told: b'
        }

        It 'carries a message where nobody looks, there and back' {
            $test = New-TestSession
            $message = [System.Collections.Concurrent.ConcurrentQueue[char]]::new('there'.ToCharArray())
            $answer = [System.Collections.Concurrent.ConcurrentQueue[char]]::new('back.'.ToCharArray())
            $found = [System.Collections.Concurrent.ConcurrentQueue[char]]::new()
            $returned = [System.Collections.Concurrent.ConcurrentQueue[char]]::new()
            $null = Register-PacketHook IPOut -HasData { $c = [char] 0; if (($using:message).TryDequeue([ref] $c)) { $_.IP.Identification = [int] $c } }
            $null = Register-PacketHook IPIn -HasData { ($using:found).Enqueue([char] $_.IP.Identification) } -Stack $test.Server
            $null = Register-PacketHook TcpOut -HasData { $c = [char] 0; if (($using:answer).TryDequeue([ref] $c)) { $_.Tcp.Window = [int] $c } } -Stack $test.Server
            $null = Register-PacketHook TcpIn -HasData { ($using:returned).Enqueue([char] $_.Tcp.Window) }
            1..5 | ForEach-Object {
                $test.Near | Send-TcpData 'ask'
                $null = $test.Far | Receive-TcpData
                $test.Far | Send-TcpData 'tell'
                $null = $test.Near | Receive-TcpData
            }
            -join $found | Should -Be 'there'
            -join $returned | Should -Be 'back.'
        }

        It 'tells of states, timers and connections' {
            $pair = New-TestPair
            $news = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
            $null = Register-PacketHook StateChange, Connected, Timer { ($using:news).Enqueue("$($_.Stage) $($_.PreviousState) $($_.State) $($_.Timer)".Trim()) }
            $listener = Start-TcpListener 80 -Stack $pair.Server
            $near = Open-TcpSession $pair.Address 80
            $far = $listener | Receive-TcpSession
            Register-PacketHook LinkIn -Stack $pair.Server -First 1 -Drop | Out-Null
            $near | Send-TcpData 'lost once'
            $null = $far | Receive-TcpData
            "$news" | Should -Be 'StateChange Closed SynSent StateChange SynSent Established Connected SynSent Established Timer Closed Established Retransmission'
        }

        It 'takes C# code' {
            Add-Type -ReferencedAssemblies ([TcpTools.Stack.TcpStack].Assembly.Location), 'System.Runtime', 'System.Memory' -TypeDefinition @'
                public sealed class HookOfTest : TcpTools.Stack.IPacketHook
                {
                    public int Calls;
                    public TcpTools.Stack.HookVerdict OnPacket(ref TcpTools.Stack.HookCall call)
                    {
                        Calls++;
                        call.EditPayload()[0] = (byte)'X';
                        return TcpTools.Stack.HookVerdict.Accept;
                    }
                }
                public static class HooksOfTest
                {
                    public static System.Action<TcpTools.Hooks.PacketHookContext> Upper =
                        c => c.Payload = new TcpTools.Packets.PayloadLayer(c.Payload.Text.ToUpperInvariant());
                }
'@
            $test = New-TestSession
            $object = [HookOfTest]::new()
            $hook = Register-PacketHook TcpOut -HasData -Handler $object
            $test.Near | Send-TcpData 'abc'
            $test.Far | Receive-TcpData -AsString | Should -Be 'Xbc'
            $object.Calls, $hook.Changed | Should -Be 1, 1
            $null = Register-PacketHook TcpIn -HasData -Handler ([HooksOfTest]::Upper) -Stack $test.Server
            $test.Near | Send-TcpData 'abc'
            $test.Far | Receive-TcpData -AsString | Should -Be 'XBC'
            Get-WorkerCount | Should -BeLessOrEqual $workersBefore
        }

        It 'refuses what contradicts itself: <Id>, <Command>' -ForEach @(
            @{ Id = 'NoHookAction'; Command = { Register-PacketHook TcpOut } }
            @{ Id = 'HookConflict'; Command = { Register-PacketHook TcpOut { } -Drop } }
            @{ Id = 'HookConflict'; Command = { Register-PacketHook TcpOut -Drop -Delay 1s } }
            @{ Id = 'HookConflict'; Command = { Register-PacketHook TcpOut -Drop -Set @{ 'Tcp.Window' = 0 } } }
            @{ Id = 'HookConflict'; Command = { Register-PacketHook StateChange -Drop } }
            @{ Id = 'HookConflict'; Command = { Register-PacketHook StateChange -Flags Syn { } } }
            @{ Id = 'HookConflict'; Command = { Register-PacketHook TcpOut -HasData -NoData -Drop } }
            @{ Id = 'InvalidArgument'; Command = { Register-PacketHook TcpOut -Drop -DurationSec 0 } }
            @{ Id = 'InvalidArgument'; Command = { Register-PacketHook TcpOut -Set @{ 'Tcp.Nothing' = 1 } } }
            @{ Id = 'InvalidArgument'; Command = { Register-PacketHook TcpOut -Set @{ 'Tcp.Window' = 'wide' } } }
            @{ Id = 'ParameterArgumentTransformationError'; Command = { Register-PacketHook TcpOut -Handler { } } }
            @{ Id = 'ParameterArgumentTransformationError'; Command = { Register-PacketHook TcpOut -Handler 5 } }
            @{ Id = 'ParameterArgumentTransformationError'; Command = { Register-PacketHook TcpOut -Port 70000 -Drop } }
            @{ Id = 'ParameterArgumentTransformationError'; Command = { Unregister-PacketHook nobody } }
            @{ Id = 'NoHook'; Command = { Get-PacketHook nobody } }
        ) {
            $pair = New-TestPair
            $found = Get-TheError $Command
            ($found.FullyQualifiedErrorId -split ',')[0] | Should -Be $Id
            if ($Id -notlike 'Parameter*') { "$($found.ErrorDetails.RecommendedAction)$($found.Exception.Message)" | Should -Not -BeNullOrEmpty }
            Get-PacketHook | Should -BeNullOrEmpty
            Get-WorkerCount | Should -BeLessOrEqual $workersBefore
        }

        It 'says that there is no stack' { Get-ErrorId { Register-PacketHook TcpOut -Drop } | Should -Be NoStack }

        It 'completes stages, names and stacks' {
            $pair = New-TestPair
            $null = Register-PacketHook TcpOut -Drop -Name special
            Get-Completion 'Register-PacketHook Syn' | Should -Be Syn, SynAck
            Get-Completion 'Get-PacketHook sp' | Should -Be special
            Get-Completion 'Unregister-PacketHook sp' | Should -Be special
            Get-Completion 'Register-PacketHook TcpOut -Stack cl' | Should -Be client
        }
    }

    Context 'a script that misbehaves' {
        It 'throws: the packet goes on, and the error is kept' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData {
                $_.Payload = 'half done'
                if (-not (Get-Variable n -Scope Global -ErrorAction Ignore)) { $global:n = 0 }
                switch ($global:n++) { 0 { throw 'broken' } 1 { Write-Error 'half broken' } 2 { Get-Nothing } 3 { $null.Call() } }
            }
            foreach ($i in 1..4) {
                $test.Near | Send-TcpData 'as it came'
                $test.Far | Receive-TcpData -AsString | Should -Be 'as it came'
            }
            $hook.Failed, $hook.Changed | Should -Be 4, 0
            $hook.Errors[0].Message | Should -Be 'broken'
            $test.Near | Send-TcpData 'as it came'
            $test.Far | Receive-TcpData -AsString | Should -Be 'half done'
        }

        It 'leaves by break, continue, return or exit, and goes on with the next packet' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData {
                switch ($_.Payload.Text) { 'b' { break } }
                if ($_.Payload.Text -eq 'c') { continue }
                if ($_.Payload.Text -eq 'r') { return }
                if ($_.Payload.Text -eq 'e') { exit }
            }
            foreach ($word in 'b', 'c', 'r', 'e', 'b') {
                $test.Near | Send-TcpData $word
                $test.Far | Receive-TcpData -AsString | Should -Be $word
            }
            $hook.Matched | Should -Be 5
        }

        It 'never comes back: it is stopped, and its packets go on' {
            $test = New-TestSession -Threaded
            $hook = Register-PacketHook TcpOut -HasData { if ($_.Payload.Text -eq 'loop') { while ($true) { } } ; $_.Payload = 'changed' } -TimeoutSec 0.5
            $test.Near | Send-TcpData 'loop'
            $test.Far | Receive-TcpData -AsString -TimeoutSec 30 | Should -Be 'loop'
            Wait-Until { $hook.Failed -gt 0 }
            $hook.Errors[0].Message | Should -BeLike '*longer than 0.5 s*'
            $test.Near | Send-TcpData 'other'
            $test.Far | Receive-TcpData -AsString -TimeoutSec 30 | Should -Be 'changed'
        }

        It 'never comes back: whoever removes it has what it held' {
            $test = New-TestSession -Threaded
            $hook = Register-PacketHook TcpOut -HasData { while ($true) { } }
            $test.Near | Send-TcpData 'stuck'
            $hook.Held | Should -Be 1
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $hook | Unregister-PacketHook
            $test.Far | Receive-TcpData -AsString -TimeoutSec 30 | Should -Be 'stuck'
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 10
            $hook.Held | Should -Be 0
            Wait-Worker
        }

        It 'blocks for long, and others'' packets pass' {
            $test = New-TestSession -Threaded
            $other = Open-TcpSession 10.7.0.2 80 -Stack $test.Client
            $otherFar = $test.Listener | Receive-TcpSession
            $gate = [System.Threading.ManualResetEventSlim]::new()
            $hook = Register-PacketHook TcpOut -Session $test.Near -HasData { $null = ($using:gate).Wait(20000) }
            $test.Near | Send-TcpData 'slow'
            $other | Send-TcpData 'fast'
            $otherFar | Receive-TcpData -AsString -TimeoutSec 20 | Should -Be 'fast'
            $hook.Held | Should -BeGreaterThan 0
            $gate.Set()
            $test.Far | Receive-TcpData -AsString -TimeoutSec 20 | Should -Be 'slow'
        }

        It 'writes without end: little of it is kept' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData { 1..500 | ForEach-Object { 'x' * 20000; Write-Warning y; Write-Verbose z -Verbose } }
            $test.Near | Send-TcpData 'loud'
            $test.Far | Receive-TcpData -AsString | Should -Be 'loud'
            $hook.LastOutput.Count | Should -Be 100
        }

        It 'uses its own stack' {
            $test = New-TestSession
            $null = Register-PacketHook TcpOut -HasData -First 1 {
                "$($_.Session.Info.State)"
                Send-TcpData 'from inside'
            }
            $hook = Get-PacketHook
            $test.Near | Send-TcpData 'from outside '
            $test.Far | Receive-TcpData -Count 24 -AsString | Should -Be 'from outside from inside'
            "$($hook.LastOutput)" | Should -Be 'Established'
            $hook.Errors | Should -BeNullOrEmpty
        }

        It 'stops the stack from inside' {
            $test = New-TestSession -Threaded
            $hook = Register-PacketHook TcpOut -HasData { Stop-TcpStack $_.Stack -Force }
            $test.Near | Send-TcpData 'the last'
            Wait-Until { "$($test.Client.State)" -eq 'Stopped' }
            $hook.IsActive | Should -BeFalse
            Wait-Worker
        }

        It 'removes its own hook from inside' {
            $test = New-TestSession
            $hook = Register-PacketHook TcpOut -HasData { $_.Hook.Remove() }
            $test.Near | Send-TcpData 'once'
            $test.Far | Receive-TcpData -AsString | Should -Be 'once'
            $hook.IsActive | Should -BeFalse
            Wait-Worker
        }
    }

    Context 'Get-PacketHook and Unregister-PacketHook' {
        It 'find hooks by name, number and stack' {
            $pair = New-TestPair
            $a = Register-PacketHook TcpOut -Drop -Name alpha
            $b = Register-PacketHook TcpIn -Drop -Name beta -Stack server
            (Get-PacketHook).Name | Should -Be alpha, beta
            (Get-PacketHook al*).Id | Should -Be $a.Id
            (Get-PacketHook -Stack server).Id | Should -Be $b.Id
            ($pair.Server | Get-PacketHook).Id | Should -Be $b.Id
            Unregister-PacketHook $b.Id
            (Get-PacketHook).Name | Should -Be alpha
            $null = Register-PacketHook TcpIn -Drop -Name alpine
            Unregister-PacketHook al* -PassThru | ForEach-Object Name | Should -Be alpha, alpine
            Get-PacketHook | Should -BeNullOrEmpty
            $null = Register-PacketHook TcpIn -Drop
            Unregister-PacketHook -Stack client
            Get-PacketHook | Should -BeNullOrEmpty
            Unregister-PacketHook nobody*
        }

        It 'call hooks by their order' {
            $test = New-TestSession
            $null = Register-PacketHook TcpOut -HasData { $_.Payload = $_.Payload.Text + 'c' } -Order 2
            $null = Register-PacketHook TcpOut -HasData { $_.Payload = $_.Payload.Text + 'a' } -Order -5
            $null = Register-PacketHook TcpOut -HasData -Set @{ 'Payload.Text' = 'b' } -Order -4
            $test.Near | Send-TcpData '-'
            $test.Far | Receive-TcpData -AsString | Should -Be 'bc'
        }

        It 'show hooks in a table and in a list' {
            $pair = New-TestPair
            $hook = Register-PacketHook TcpOut -Flags Fin -Hold -Name keeper
            $hook | Format-Table | Out-String -Width 140 | Should -BeLike '*Matched*keeper*TcpOut*hold*'
            $hook | Format-List | Out-String | Should -BeLike '*Description : hold*LastOutput*Errors*'
        }
    }

    Context 'lives and ends' {
        It 'with the module' {
            $shell = New-TestShell @'
                $wire = New-PacketWire
                $stack = Start-TcpStack 10.7.0.1/24 -Link $wire.A
                $hook = Register-PacketHook TcpOut { while ($true) { } }
                $null = Open-TcpSession 10.7.0.2 80 -NoWait -ErrorAction Ignore
                Remove-Module TcpTools -Force
                $hook
'@
            try {
                $hook = @($shell.Invoke())[-1]
                $hook.IsActive | Should -BeFalse
                Wait-Worker
            }
            finally { $shell.Dispose() }
        }

        It 'on somebody else''s stack' {
            $pair = New-TestPair -Threaded
            $shell = New-TestShell 'param($stack) Register-PacketHook TcpOut { } -Stack $stack; Remove-Module TcpTools -Force' $pair.Client
            try {
                $hook = @($shell.Invoke())[0]
                $hook.IsActive | Should -BeFalse
                $pair.Client.State | Should -Be Running
                Wait-Worker
            }
            finally { $shell.Dispose() }
        }

        It 'with the process, which does not wait for the script' {
            $code = "Import-Module '$ModuleManifest'; `$w = New-PacketWire; `$s = Start-TcpStack 10.7.0.1/24 -Link `$w.A -Virtual; " +
                "`$h = Register-PacketHook TcpOut { 'ran' }; `$null = Open-TcpSession 10.7.0.2 80 -TimeoutSec 1 -ErrorAction Ignore; `"`$(`$h.LastOutput)`""
            $start = [System.Diagnostics.ProcessStartInfo]::new($childPowerShell, [string[]] ('-NoProfile', '-NonInteractive', '-Command', $code))
            $start.RedirectStandardOutput = $true
            $process = [System.Diagnostics.Process]::Start($start)
            try {
                $process.StandardOutput.ReadToEnd().Trim() | Should -Be 'ran'
                $process.WaitForExit(20000) | Should -BeTrue
            }
            finally { if (-not $process.HasExited) { $process.Kill() } }
        }

        It 'in steps: a step waits for what a script decides' {
            $wire = New-PacketWire
            $client = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Manual -Name client
            $server = Start-TcpStack 10.7.0.2/24 -Link $wire.B -Manual -Name server
            $null = Start-TcpListener 80 -Stack server
            $hook = Register-PacketHook Syn { $_.InitialSequence = 5555 } -Stack client
            $session = Open-TcpSession 10.7.0.2 80 -Stack client
            $null = Step-TcpStack client
            $hook.Changed | Should -Be 1
            $null = Step-TcpStack server
            $null = Step-TcpStack client
            $session.State | Should -Be Established
            $session.Info.InitialSendSequence.Value | Should -Be 5555
        }
    }
}
