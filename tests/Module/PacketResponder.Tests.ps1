. $PSScriptRoot/common.ps1

Describe 'Packet responders' {
    BeforeAll {
        function Wait-Until([scriptblock] $Condition, [double] $Seconds = 5) {
            $end = [datetime]::UtcNow.AddSeconds($Seconds)
            while (-not (& $Condition)) {
                if ([datetime]::UtcNow -gt $end) { throw "not in time: $Condition" }
                [System.Threading.Thread]::Sleep(5)
            }
        }
        $probe = New-IPPacket 10.7.0.2 10.7.0.1 | New-UdpDatagram 9 4000 -Data hello
    }

    AfterEach {
        Get-PacketResponder | Stop-PacketResponder
        Remove-TestStack
    }

    It 'answer by script blocks, from the other end of a wire' {
        $wire = New-PacketWire
        $prefix = 'echo '
        $responder = Start-PacketResponder { $_.Udp.DestinationPort -eq 9 } {
            param($suffix)
            New-IPPacket $_.IP.Source $_.IP.Destination |
                New-UdpDatagram $_.Udp.SourcePort $_.Udp.DestinationPort -Data "$using:prefix$($_.Payload.Text)$suffix"
        } -ArgumentList '!' -Link $wire.B -Name echo
        ($probe | Invoke-PacketExchange -Link $wire.A -TimeoutSec 10).Reply.Payload.Text | Should -Be 'echo hello!'
        (New-IPPacket 10.7.0.2 10.7.0.1 | New-UdpDatagram 10 | Invoke-PacketExchange -Link $wire.A -TimeoutSec 0.2).Answered | Should -BeFalse
        $responder.Seen, $responder.Matched, $responder.Replied, $responder.Errors, $responder.Dropped | Should -Be 2, 1, 1, 0, 0
        (Get-PacketResponder echo).Id | Should -Be $responder.Id
    }

    It 'answer in simulated time, as the network moves' {
        $wire = New-PacketWire -Delay 20ms
        $stack = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        $null = Start-PacketResponder { $_.Icmp } { New-PacketReply $_ } -Link $wire.B
        $result = New-IPPacket 10.7.0.2 10.7.0.1 | New-IcmpMessage -Data abc | Invoke-PacketExchange -TimeoutSec 10
        $result.Reply.Payload.Text | Should -Be abc
        $result.RoundTripTime.TotalMilliseconds | Should -Be 40
        Test-IcmpEcho 10.7.0.2 | Should -BeTrue
        Test-TcpPort 10.7.0.2 80 -TimeoutSec 0.1 | Should -BeFalse
    }

    It 'go on after errors, and tell them' {
        $wire = New-PacketWire
        $responder = Start-PacketResponder { $true } {
            $packet = $_ # in a switch, $_ is something else
            switch ($packet.Udp.DestinationPort) {
                1 { throw 'broken' }
                2 { Write-Error 'half broken' }
                3 { 'not a packet' }
                4 { continue }
                5 { break }
                6 { exit }
                7 { $null }
                default { New-PacketReply $packet }
            }
        } -Link $wire.B
        1..8 | ForEach-Object { New-IPPacket 10.7.0.2 10.7.0.1 | New-UdpDatagram $_ } | Send-RawPacket -Link $wire.A
        Wait-Until { $responder.Seen -eq 8 -and $responder.Replied -eq 1 } 10
        $responder.Errors | Should -Be 3
        $responder.LastError.Message | Should -BeLike '*not a packet*'
        $responder.IsRunning | Should -BeTrue
        (Receive-RawPacket -Link $wire.A).Udp.SourcePort | Should -Be 8
    }

    It 'stop at once, even in the middle of a script that does not come back' {
        $wire = New-PacketWire
        $responder = Start-PacketResponder { $true } { while ($true) { } } -Link $wire.B
        $probe | Send-RawPacket -Link $wire.A
        Wait-Until { $responder.Seen -eq 1 }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $responder | Stop-PacketResponder
        $watch.ElapsedMilliseconds | Should -BeLessThan 2000
        $responder.IsRunning | Should -BeFalse
        Get-PacketResponder | Should -BeNullOrEmpty
    }

    It 'end with their stack' {
        $pair = New-TestPair -Threaded
        $responder = Start-PacketResponder -IcmpEcho -Stack $pair.Server
        Remove-TestStack
        Wait-Until { -not $responder.IsRunning }
        Get-PacketResponder | Should -BeNullOrEmpty
    }

    It 'answer for a stack beside its own answers' {
        $pair = New-TestPair
        $null = Start-PacketResponder { $_.Udp.DestinationPort -eq 53 } { New-PacketReply $_ } -Stack $pair.Server
        $results = New-IPPacket 10.7.0.2 10.7.0.1 | New-UdpDatagram 53 4000 | Invoke-PacketExchange -Multi -TimeoutSec 1
        @($results | Where-Object { $_.Reply.Udp }).Count | Should -Be 1
    }

    It 'do the ordinary things without a script: <Kind>' -ForEach @(
        @{ Kind = 'ICMP echo'; With = @{ IcmpEcho = $true }; Probe = { New-IPPacket 10.7.0.2 10.7.0.1 | New-IcmpMessage -Data x }; Says = { $_.Icmp.Type -eq 0 -and $_.Payload.Text -eq 'x' } }
        @{ Kind = 'TCP reset'; With = @{ TcpReset = $true }; Probe = { New-IPPacket 10.7.0.2 10.7.0.1 | New-TcpSegment 80 -Flags Syn -Sequence 9 }; Says = { $_.Tcp.Flags -eq 'Rst, Ack' -and $_.Tcp.Acknowledgment -eq 10 } }
        @{ Kind = 'ICMP port unreachable'; With = @{ Unreachable = $true }; Probe = { New-IPPacket 10.7.0.2 10.7.0.1 | New-UdpDatagram 99 }; Says = { $_.Icmp.Type -eq 3 -and $_.Icmp.Code -eq 3 } }
    ) {
        $wire = New-PacketWire
        $responder = Start-PacketResponder @With -Link $wire.B -Address 10.7.0.2
        $responder.Kind | Should -Be $Kind
        $reply = (& $Probe | Invoke-PacketExchange -Link $wire.A -TimeoutSec 5).Reply
        $reply | Where-Object $Says | Should -Not -BeNullOrEmpty
        $other = & $Probe
        $other.IP.Destination = [TcpTools.Wire.NetworkAddress]::Parse('10.7.0.3')
        ($other | Invoke-PacketExchange -Link $wire.A -TimeoutSec 0.1).Answered | Should -BeFalse
    }

    It 'answer ARP requests, of a whole network' {
        $wire = New-PacketWire -Medium Ethernet
        $null = Start-PacketResponder -Arp -Address 10.7.0.4, 10.7.0.8/29 -MacAddress 02:00:00:00:00:09 -Link $wire.B
        $results = 1..16 | ForEach-Object { New-EthernetFrame | New-ArpPacket "10.7.0.$_" -SenderAddress 10.7.0.1 } |
            Invoke-PacketExchange -Link $wire.A -TimeoutSec 0.5
        $found = @($results | Where-Object Answered)
        $found.Count | Should -Be 9
        "$($found[0].Reply.Arp.SenderHardware) $($found[0].Reply.Ethernet.Source)" | Should -Be '02:00:00:00:00:09 02:00:00:00:00:09'
    }

    It 'answer DNS questions' {
        $wire = New-PacketWire
        $null = Start-PacketResponder -Dns @{ 'www.example.org' = '192.0.2.1', '2001:db8::1'; 'mail.example.org' = '192.0.2.2' } -Link $wire.B
        function Resolve-Test([string] $Name, [byte] $Type = 1) {
            $labels = foreach ($label in $Name.Split('.')) { [byte] $label.Length; [Text.Encoding]::ASCII.GetBytes($label) }
            $query = [byte[]] (@(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0) + $labels + @(0, 0, $Type, 0, 1))
            (New-IPPacket 10.7.0.2 10.7.0.1 | New-UdpDatagram 53 4000 -Data $query | Invoke-PacketExchange -Link $wire.A -TimeoutSec 5).Reply.Dns
        }
        "$((Resolve-Test WWW.example.org).Answers[0].Data)" | Should -Be 192.0.2.1
        "$((Resolve-Test www.example.org 28).Answers[0].Data)" | Should -Be 2001:db8::1
        (Resolve-Test mail.example.org 28).Answers.Count | Should -Be 0
        (Resolve-Test other.example.org).ResponseCode | Should -Be NameError
    }

    It 'never reset a reset, so that two of them come to rest' {
        $wire = New-PacketWire
        $both = $wire.A, $wire.B | ForEach-Object { Start-PacketResponder -TcpReset -Link $_ }
        $both[0] | Stop-PacketResponder
        New-IPPacket 10.7.0.2 10.7.0.1 | New-TcpSegment 80 -Flags Ack | Send-RawPacket -Link $wire.A
        $again = Start-PacketResponder -TcpReset -Link $wire.A
        Wait-Until { $again.Seen -eq 1 }
        [System.Threading.Thread]::Sleep(50)
        $again.Replied, $both[1].Replied | Should -Be 0, 1
    }

    It 'report <Id> for <Case>' -ForEach @(
        @{ Id = 'InvalidArgument'; Case = 'answers for all the world'; Script = { Start-PacketResponder -IcmpEcho } }
        @{ Id = 'InvalidFilter'; Case = 'no filter'; Script = { Start-PacketResponder -IcmpEcho -Link (New-PacketWire).A -Filter 'prt 1' } }
        @{ Id = 'NoResponder'; Case = 'an unknown name'; Script = { Get-PacketResponder nobody } }
        @{ Id = 'InvalidArgument'; Case = 'no address'; Script = { Start-PacketResponder -Dns @{ a = 'b' } -Link (New-PacketWire).A } }
    ) {
        Get-ErrorId $Script | Should -Be $Id
    }

    It 'answer many packets by script, one after the other' {
        $wire = New-PacketWire
        $null = Start-PacketResponder { $_.Icmp } { New-PacketReply $_ } -Link $wire.B
        $probes = 1..200 | ForEach-Object { New-IPPacket 10.7.0.2 10.7.0.1 | New-IcmpMessage -Sequence $_ }
        $null = $probes[0] | Invoke-PacketExchange -Link $wire.A -TimeoutSec 10
        @($probes | Invoke-PacketExchange -Link $wire.A -TimeoutSec 60 | Where-Object Answered).Count | Should -Be 200
    }
}

Describe 'New-PacketReply' {
    It 'turns addresses and ports round, with numbers that fit' {
        $syn = New-EthernetFrame 02:00:00:00:00:02 02:00:00:00:00:01 | New-IPPacket 10.0.0.2 10.0.0.1 | New-TcpSegment 80 4000 -Flags Syn -Sequence 5
        $reply = $syn | New-PacketReply
        "$($reply.Ethernet.Destination) $($reply.IP.Source) $($reply.Tcp.SourcePort) $($reply.Tcp.Flags) $($reply.Tcp.Acknowledgment)" |
            Should -Be '02:00:00:00:00:01 10.0.0.2 80 Syn, Ack 6'
        ($syn | New-PacketReply -Reset).Tcp.Flags | Should -Be ([TcpTools.Wire.TcpFlags] 'Rst, Ack')
        ($syn | New-PacketReply -Unreachable).Icmp.Quoted.Tcp.SourcePort | Should -Be 4000
        $syn | New-PacketReply -Reset | New-PacketReply -Reset | Should -BeNullOrEmpty
        $syn | New-PacketReply -Reset | New-PacketReply | Should -BeNullOrEmpty
    }
}
