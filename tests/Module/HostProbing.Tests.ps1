. $PSScriptRoot/common.ps1

Describe 'Test-TcpPort' {
    BeforeAll {
        # A stack with an open port 80, and the other end of its wire.
        function New-Place([hashtable] $Wire = @{}, [hashtable] $Stack = @{}) {
            $line = New-PacketWire -Seed 1 @Wire
            $server = Start-TcpStack 10.7.0.2/24 -Link $line.A -Virtual @Stack
            $null = Start-TcpListener 80 -Stack $server
            @{ Link = $line.B; SourceAddress = '10.7.0.1' }
        }
    }

    AfterEach { Remove-TestStack }

    It 'tells open from closed, in the order of the ports' {
        $place = New-Place
        Test-TcpPort 10.7.0.2 80 @place | Should -BeTrue
        (Test-TcpPort 10.7.0.2 79, 80, 81, (82..84) @place) -join ' ' | Should -Be 'False True False False False False'
        (Test-TcpPort 10.7.0.2-3 80 -TimeoutSec 0.1 @place) -join ' ' | Should -Be 'True False'
    }

    It 'judges the answers to <Method> probes' -ForEach @(
        @{ Method = 'Syn'; Open = 'Open syn-ack'; Closed = 'Closed reset'; Silent = 'Filtered no answer' }
        @{ Method = 'Ack'; Open = 'Unfiltered reset'; Closed = 'Unfiltered reset'; Silent = 'Filtered no answer' }
        @{ Method = 'Fin'; Open = 'OpenOrFiltered no answer'; Closed = 'Closed reset'; Silent = 'OpenOrFiltered no answer' }
        @{ Method = 'Null'; Open = 'OpenOrFiltered no answer'; Closed = 'Closed reset'; Silent = 'OpenOrFiltered no answer' }
        @{ Method = 'Xmas'; Open = 'OpenOrFiltered no answer'; Closed = 'Closed reset'; Silent = 'OpenOrFiltered no answer' }
        @{ Method = 'Udp'; Open = 'Closed port unreachable'; Closed = 'Closed port unreachable'; Silent = 'OpenOrFiltered no answer' }
    ) {
        $place = New-Place
        $results = Test-TcpPort 10.7.0.2, 10.7.0.3 80, 81 -Method $Method -Detailed -TimeoutSec 0.1 @place
        ($results | Sort-Object { "$($_.Address)" }, Port | ForEach-Object { "$($_.State) $($_.Reason)" }) -join '; ' |
            Should -Be ($Open, $Closed, $Silent, $Silent -join '; ')
    }

    It 'opens connections with a stack' {
        $pair = New-TestPair
        $null = Start-TcpListener 80 -Stack $pair.Server
        (Test-TcpPort 10.7.0.2 80, 81 -Method Connect) -join ' ' | Should -Be 'True False'
        $results = Test-TcpPort 10.7.0.2-3 80 -Method Connect -Detailed -TimeoutSec 0.5
        $results.State -join ' ' | Should -Be 'Open Filtered'
        (Get-TcpSession -Stack $pair.Client | Where-Object State -NE TimeWait) | Should -BeNullOrEmpty
        Get-ErrorId { Test-TcpPort 10.7.0.2 80 -Method Connect -Link (New-PacketWire).A } | Should -Be InvalidArgument
    }

    It 'finds its way over a bad wire' {
        $place = New-Place @{ Loss = 0.2; Delay = '10ms' }
        @(Test-TcpPort 10.7.0.2 (70..89) -Retry 10 -TimeoutSec 0.2 @place | Where-Object { $_ }).Count | Should -Be 1
    }

    It 'tries a thousand ports in real time and leaves nothing behind' {
        $pair = New-TestPair -Threaded
        $null = Start-TcpListener 443 -Stack $pair.Server
        (Test-TcpPort 10.7.0.2 (1..1000) -Detailed | Group-Object State -NoElement | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Count)" }) -join ', ' |
            Should -Be 'Closed 999, Open 1'
        Get-TcpSession -Stack $pair.Client | Should -BeNullOrEmpty
    }

    It 'names what it cannot ask' {
        Get-ErrorId { Test-TcpPort no.such.host.invalid 80 -Link (New-PacketWire).A } | Should -Be UnknownHost
        Get-ErrorId { Test-TcpPort 10.0.0.1 80 -Link (New-PacketWire).A } | Should -Be InvalidArgument
        Get-ErrorId { Test-TcpPort 10.0.0.1 0 -Link (New-PacketWire).A } | Should -Be ParameterArgumentTransformationError
    }

    It 'ends within 100 ms by Ctrl+C' {
        $wire = New-PacketWire
        Measure-Stop 'param($l) Test-TcpPort 10.0.0.0/8 1..65535 -Link $l -SourceAddress 10.1.1.1 -Rate 100 -TimeoutSec -1 -Retry 0' $wire.A | Should -BeLessThan 100
    }
}

Describe 'Test-IcmpEcho' {
    AfterEach { Remove-TestStack }

    It 'says whether a host answers' {
        $pair = New-TestPair
        Test-IcmpEcho 10.7.0.2 | Should -BeTrue
        Test-IcmpEcho 10.7.0.3 -Count 2 -TimeoutSec 0.1 | Should -BeFalse
        (Test-IcmpEcho 10.7.0.1-3 -Count 1 -TimeoutSec 0.1) -join ' ' | Should -Be 'False True False' -Because 'the client does not see its own'
    }

    It 'tells all of each reply, and the sums' {
        $pair = New-TestPair -Wire @{ Delay = '20ms' }
        $replies = Test-IcmpEcho 10.7.0.2 -Detailed -Count 3 -IntervalMilliseconds 100 -Size 1000 -InformationVariable said 6> $null
        $replies.Sequence -join ' ' | Should -Be '1 2 3'
        $replies.RoundTripTime.TotalMilliseconds | Should -Be 40, 40, 40
        $replies.IsIntact | Should -Be $true, $true, $true
        $replies[0].Size, $replies[0].TimeToLive, $replies[0].Reason | Should -Be 1000, 64, 'echo reply'
        "$said" | Should -Be '3 sent, 3 answered, 0 % lost; round trips of 40.000 to 40.000 ms, mean 40.000, deviation 0.000.'
    }

    It 'reports <Id> for <Case>' -ForEach @(
        @{ Id = 'NoRoute'; Case = 'no address of the version'; Script = { $null = New-TestPair; Test-IcmpEcho 2001:db8::1 } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'ends within 100 ms by Ctrl+C' {
        $wire = New-PacketWire
        Measure-Stop 'param($l) Test-IcmpEcho 10.0.0.1 -Link $l -SourceAddress 10.0.0.2 -TimeoutSec -1' $wire.A | Should -BeLessThan 100
    }
}

Describe 'Trace-TcpRoute' {
    AfterEach { Remove-TestStack }

    It 'reaches a neighbour with <Protocol>' -ForEach @(
        @{ Protocol = 'Tcp'; Reason = 'reset' }, @{ Protocol = 'Udp'; Reason = 'port unreachable' }, @{ Protocol = 'Icmp'; Reason = 'echo reply' }
    ) {
        $pair = New-TestPair
        $hop = Trace-TcpRoute 10.7.0.2 -Protocol $Protocol
        $hop.Hop, "$($hop.Address)", $hop.Reached, $hop.IsLast, $hop.Reason | Should -Be 1, '10.7.0.2', $true, $true, $Reason
        $hop.RoundTripTimes.Count | Should -Be 3
    }

    It 'goes to the last hop where nobody answers, each way in one piece' {
        $pair = New-TestPair
        $hops = Trace-TcpRoute 10.7.0.9, 10.7.0.2 -MaxHops 4 -TimeoutSec 0.2
        ($hops | ForEach-Object { "$($_.Target) $_" }) -join '; ' |
            Should -Be '10.7.0.9 1 *; 10.7.0.9 2 *; 10.7.0.9 3 *; 10.7.0.9 4 *; 10.7.0.2 1 10.7.0.2'
    }
}
