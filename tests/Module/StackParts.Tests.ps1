. $PSScriptRoot/common.ps1

# What a pair of stacks agrees on, with parts of the client's given.
function global:Open-PartSession([hashtable] $Client = @{}, [hashtable] $Server = @{}) {
    $pair = New-TestPair -Client $Client -Server $Server
    $listener = Start-TcpListener 80 -Stack $pair.Server
    $near = Open-TcpSession $pair.Address 80
    $far = $listener | Receive-TcpSession
    $pair | Add-Member -PassThru -NotePropertyMembers @{ Near = $near; Far = $far }
}

function global:Send-PartData($Pair, [int] $Bytes = 20000) {
    $sent = [byte[]]::new($Bytes)
    [random]::new(1).NextBytes($sent)
    Send-TcpData $sent -Session $Pair.Near
    $got = Receive-TcpData -Session $Pair.Far -Count $Bytes
    [System.Linq.Enumerable]::SequenceEqual[byte]($sent, [byte[]]$got) | Should -BeTrue
}

Describe 'Parts of a stack' {
    AfterEach { Remove-TestStack }

    Context 'initial sequence numbers' {
        It 'takes a number for every connection, accepted ones too' {
            $pair = Open-PartSession @{ InitialSequence = 5555 } @{ InitialSequence = 0xFFFFFFFE }
            $pair.Near.Info.InitialSendSequence.Value | Should -Be 5555
            $pair.Far.Info.InitialSendSequence.Value | Should -Be 4294967294
            Send-PartData $pair
        }

        It 'takes a list, and a number for one session or listener' {
            $pair = New-TestPair -Client @{ InitialSequence = 10, 20 }
            $null = Start-TcpListener 80 -Stack server -Option @{ InitialSequence = 7 }
            $sessions = 1..3 | ForEach-Object { Open-TcpSession $pair.Address 80 }
            $sessions.Info.InitialSendSequence.Value | Should -Be 10, 20, 10
            $sessions[0].Info.InitialReceiveSequence.Value | Should -Be 7
            (Open-TcpSession $pair.Address 80 -Option @{ InitialSequence = 99 }).Info.InitialSendSequence.Value | Should -Be 99
        }

        It 'takes the name <_>' -ForEach Rfc6528, Rfc793, Counter, Random, Zero {
            $pair = Open-PartSession @{ InitialSequence = $_ } @{ InitialSequence = $_.ToLower() }
            $pair.Client.Parts.Split(', ')[0] | Should -Be $pair.Near.Info.InitialSequence
            Send-PartData $pair
        }

        It 'takes a script block, with values from here, and tells it the sockets' {
            $base = 40000
            $pair = Open-PartSession @{ InitialSequence = { param($flow, $now) $using:base + $_.RemotePort + $flow.LocalPort * 0 } } `
                @{ InitialSequence = { 5555 } }
            $pair.Near.Info.InitialSendSequence.Value | Should -Be 40080
            $pair.Far.Info.InitialSendSequence.Value | Should -Be 5555
            $pair.Near.Info.InitialSequence | Should -Be script
            $pair.Client.PartErrors | Should -BeNullOrEmpty
        }

        It 'goes on with RFC 6528 when a script <Case>, and keeps the error' -ForEach @(
            @{ Case = 'throws'; Script = { throw 'no idea' }; Message = '*no idea*' }
            @{ Case = 'answers with nonsense'; Script = { 'many' } ; Message = '*no sequence number*' }
            @{ Case = 'answers with nothing'; Script = { } ; Message = '*no sequence number*' }
            @{ Case = 'loops'; Script = { while ($true) { } } ; Message = '*within 2 s*' }
        ) {
            $pair = Open-PartSession @{ InitialSequence = $Script }
            Send-PartData $pair
            $pair.Client.PartFailures | Should -Be 1
            @($pair.Client.PartErrors)[0].Message | Should -BeLike $Message
            @($pair.Client.PartErrors)[0].Kind | Should -Be InitialSequence
        }

        It 'takes a PowerShell class that is tied to no session, and its objects, with their state' {
            . ([scriptblock]::Create('[NoRunspaceAffinity()] class FreeNumbers { [long] $Last = 100; [long] Next($flow, $now) { return ++$this.Last } }
                function global:New-FreeNumbers { [FreeNumbers]::new() }; function global:Get-FreeType { [FreeNumbers] }'))
            $pair = Open-PartSession @{ InitialSequence = New-FreeNumbers } @{ InitialSequence = Get-FreeType }
            $pair.Near.Info.InitialSendSequence.Value | Should -Be 101
            $pair.Far.Info.InitialSendSequence.Value | Should -Be 101
            (Open-TcpSession $pair.Address 80).Info.InitialSendSequence.Value | Should -Be 102
        }

        It 'refuses a PowerShell class that is tied to its session, and says what to write' {
            . ([scriptblock]::Create('class TiedNumbers { [long] Next($flow, $now) { return 1 } }; function global:Get-TiedType { [TiedNumbers] }'))
            $failure = $null
            try { Start-TcpStack -Link (New-PacketWire).A -InitialSequence (Get-TiedType) } catch { $failure = $_ }
            $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidArgument*'
            $failure.ErrorDetails.RecommendedAction | Should -BeLike '*NoRunspaceAffinity*'
            Get-TcpStack | Should -BeNullOrEmpty
        }

        It 'takes a C# type and a C# object' {
            if (-not ('StackPartsTests.Numbers' -as [type])) {
                Add-Type -ReferencedAssemblies ([TcpTools.Tcp.TcpConnection].Assembly.Location), System.Runtime -TypeDefinition @'
                namespace StackPartsTests {
                    using TcpTools; using TcpTools.Tcp; using TcpTools.Wire;
                    public class Numbers : IInitialSequenceGenerator {
                        public string Name { get { return "mine"; } }
                        public SequenceNumber Next(in FlowKey flow, Instant now) { return new SequenceNumber(flow.RemotePort); }
                    }
                    public class Gentle : ICongestionControl {
                        private readonly NewReno _inner;
                        public Gentle(TcpSettings settings) { _inner = new NewReno(settings); }
                        public string Name { get { return "gentle"; } }
                        public int Window { get { return System.Math.Min(_inner.Window, 5000); } }
                        public int SlowStartThreshold { get { return _inner.SlowStartThreshold; } }
                        public void OnEstablished(int mss, Instant now) { _inner.OnEstablished(mss, now); }
                        public void OnAck(in AckSample sample) { _inner.OnAck(sample); }
                        public void OnLoss(int flight, Instant now) { _inner.OnLoss(flight, now); }
                        public void OnTimeout(int flight, Instant now) { _inner.OnTimeout(flight, now); }
                        public void OnRecoveryExit(Instant now) { _inner.OnRecoveryExit(now); }
                        public void OnIdle(System.TimeSpan idle, System.TimeSpan rto) { _inner.OnIdle(idle, rto); }
                        public void Undo() { }
                    }
                }
'@
            }
            $pair = Open-PartSession @{ InitialSequence = 'StackPartsTests.Numbers' -as [type]; CongestionControl = 'StackPartsTests.Gentle' -as [type] } `
                @{ InitialSequence = New-Object StackPartsTests.Numbers }
            $pair.Near.Info.InitialSendSequence.Value | Should -Be 80
            $pair.Far.Info.InitialSequence | Should -Be mine
            $pair.Near.Info.CongestionControl | Should -Be gentle
            Send-PartData $pair
        }
    }

    Context 'congestion control' {
        It 'takes the name <_>' -ForEach NewReno, Cubic, None {
            $pair = Open-PartSession @{ CongestionControl = $_ }
            $pair.Near.Info.CongestionControl | Should -Be $_
            Send-PartData $pair 200000
        }

        It 'takes a number of bytes, and a name for one session' {
            $pair = Open-PartSession @{ CongestionControl = 5000 }
            $pair.Near.Info.CongestionWindow | Should -Be 5000
            (Open-TcpSession $pair.Address 80 -Option @{ CongestionControl = 'cubic' }).Info.CongestionControl | Should -Be cubic
            Send-PartData $pair
        }

        It 'asks a script at each event, which remembers what it wants' {
            $pair = Open-PartSession @{ CongestionControl = {
                    param($event)
                    $event.State.Events += 1
                    if ($event.Kind -eq 'Established') { $event.SlowStartThreshold = 4242; 3000 } else { 3000 + $event.State.Events }
                } }
            $pair.Near.Info.CongestionWindow | Should -Be 3000
            Send-PartData $pair
            $pair.Near.Info.CongestionWindow | Should -BeGreaterThan 3003
            $pair.Near.Info.SlowStartThreshold | Should -Be 4242
            $pair.Client.PartErrors | Should -BeNullOrEmpty
        }

        It 'goes on with NewReno when a script throws' {
            $pair = Open-PartSession @{ CongestionControl = { throw 'no window' } }
            Send-PartData $pair
            $pair.Client.PartFailures | Should -Be 1
        }
    }

    Context 'retransmission timeout, options and ports' {
        It 'takes a time, a name and a script for the timeout' {
            $pair = Open-PartSession @{ RetransmissionTimeout = '250ms' } @{ RetransmissionTimeout = { param($rtt) 100 + $rtt.Expiries } }
            $pair.Near.Info.RetransmissionTimeout.TotalMilliseconds | Should -Be 250
            $pair.Far.Info.RetransmissionTimeout.TotalMilliseconds | Should -Be 100
            (Open-TcpSession $pair.Address 80 -Option @{ RetransmissionTimeout = 'strict' }).Info.RetransmissionTimeout.TotalSeconds | Should -Be 1
        }

        It 'takes <Name> for the options of a SYN' -ForEach @(
            @{ Name = 'a name'; Layout = 'Minimal'; Text = 'mss 1460' }
            @{ Name = 'a list in one text'; Layout = 'mss=1300,nop,ws,?253=f989'; Text = 'mss 1300,wscale 7,kind 253 0xF989' }
            @{ Name = 'a list'; Layout = 'mss', 'sok'; Text = 'mss 1460,sackOK' }
            @{ Name = 'a table'; Layout = @{ Syn = 'sok,mss'; Data = 'ts' }; Text = 'sackOK,mss 1460' }
            @{ Name = 'a script'; Layout = { param($segment) 'mss=1111', 'nop', 'nop', 'sok' }; Text = 'mss 1111,sackOK' }
        ) {
            $pair = New-TestPair -Client @{ OptionLayout = $Layout; Trace = $true }
            $null = Start-TcpListener 80 -Stack server
            $session = Open-TcpSession $pair.Address 80
            Send-TcpData 'hello' -Session $session -Wait
            $pair.Client.Trace.Snapshot()[0].Options | Should -Be $Text
            $pair.Client.PartErrors | Should -BeNullOrEmpty
        }

        It 'takes <Name> for local ports' -ForEach @(
            @{ Name = 'a list'; Ports = 6000, 6001; Expected = 6000, 6001 }
            @{ Name = 'a range'; Ports = 6000..6009; Expected = 6000, 6001 }
            @{ Name = 'a range in a text'; Ports = '6000..6009'; Expected = 6000, 6001 }
            @{ Name = 'one after another'; Ports = 'Sequential'; Expected = 1024, 1025 }
            @{ Name = 'a script'; Ports = { param($flow) 7000 + $flow.RemotePort; 7001 + $flow.RemotePort }; Expected = 7080, 7081 }
        ) {
            $pair = New-TestPair -Client @{ PortSelection = $Ports }
            $null = Start-TcpListener 80 -Stack server
            $sessions = 1..2 | ForEach-Object { Open-TcpSession $pair.Address 80 }
            $sessions.LocalPort | Should -Be $Expected
            $pair.Client.PartErrors | Should -BeNullOrEmpty
        }
    }

    It 'reports <Case> with what would have been accepted' -ForEach @(
        @{ Case = 'a name of nobody'; Parameters = @{ InitialSequence = 'Rfc1' }; Advice = '*Rfc6528, Rfc793*' }
        @{ Case = 'a number that is too large'; Parameters = @{ InitialSequence = 1, 4294967296 }; Advice = '*0 to 4294967295*' }
        @{ Case = 'a congestion control of nobody'; Parameters = @{ CongestionControl = 'bbr' }; Advice = '*NewReno, Cubic, None*' }
        @{ Case = 'a type that is none'; Parameters = @{ CongestionControl = [string] }; Advice = '*interface*' }
        @{ Case = 'an object that is none'; Parameters = @{ PortSelection = Get-Date }; Advice = '*a method Select*' }
        @{ Case = 'a timeout of nobody'; Parameters = @{ RetransmissionTimeout = 'soon' }; Advice = '*Rfc6298, Linux*' }
        @{ Case = 'a layout of nobody'; Parameters = @{ OptionLayout = 'Amiga' }; Advice = '*Linux, FreeBSD*mss,nop*' }
        @{ Case = 'a word that no list has'; Parameters = @{ OptionLayout = 'mss,what' }; Advice = '*mss, ws, sok*' }
        @{ Case = 'a port that is none'; Parameters = @{ PortSelection = 70000 }; Advice = '' }
    ) {
        $failure = $null
        try { Start-TcpStack -Link (New-PacketWire).A @Parameters } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidArgument*'
        if ($Advice) { $failure.ErrorDetails.RecommendedAction | Should -BeLike $Advice }
        Get-TcpStack | Should -BeNullOrEmpty
    }

    It 'ends the runspaces of scripts and layers with their stack' {
        # Others may be closing their own meanwhile.
        $known = @(Get-Runspace).Id
        $pair = New-TestPair -Client @{ InitialSequence = { 1 }; CongestionControl = { 5000 }; PortSelection = { 6000 }; Layer = New-StackLayer -Send { $_ } }
        $null = Start-TcpListener 80 -Stack server
        (Open-TcpSession $pair.Address 80).LocalPort | Should -Be 6000
        $own = @((Get-Runspace).Id | Where-Object { $_ -notin $known })
        $own.Count | Should -Be 4
        Remove-TestStack
        $limit = [datetime]::UtcNow.AddSeconds(30)
        while (@((Get-Runspace).Id | Where-Object { $_ -in $own }).Count -gt 0 -and [datetime]::UtcNow -lt $limit) { [void] [System.Threading.Thread]::Yield() }
        @((Get-Runspace).Id | Where-Object { $_ -in $own }) | Should -BeNullOrEmpty
    }

    It 'completes the names' {
        Get-Completion 'Start-TcpStack -InitialSequence ' | Should -Contain Rfc793
        Get-Completion 'Start-TcpStack -CongestionControl C' | Should -Be Cubic
        Get-Completion 'Start-TcpStack -RetransmissionTimeout ' | Should -Contain Fixed
        Get-Completion 'Start-TcpStack -OptionLayout W' | Should -Be Windows
        Get-Completion 'Start-TcpStack -PortSelection S' | Should -Be Sequential
    }
}
