. $PSScriptRoot/common.ps1

# docs/examples/TcpClient.ps1: Scapy's TCP client, as an automaton that loses nothing.

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if (-not $obstacle -and -not (Test-LabCommand nginx)) { $obstacle = 'nginx is not installed' }
    if ($obstacle) { Write-Host "skipped: the TCP client against the kernel: $obstacle" }
}

Describe 'The TCP client as an automaton' {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
        $client = . "$moduleRoot/docs/examples/TcpClient.ps1"

        # A client in the background at the far end of a wire, and a stack of ours that listens at the near one.
        function Start-TestClient([hashtable] $Wire = @{}, [hashtable] $Parameter = @{}, [hashtable] $Start = @{}) {
            $line = New-PacketWire -Seed 5 @Wire
            $stack = Start-TcpStack 10.7.0.1/24 -Link $line.A -Virtual -Seed 3
            $listener = Start-TcpListener 80 -Stack $stack
            $null = Start-PacketAutomaton $client -Link $line.B -Background -Parameter (@{ Local = '10.7.0.2'; Remote = '10.7.0.1' } + $Parameter) @Start
            [pscustomobject]@{ Wire = $line; Stack = $stack; Listener = $listener }
        }

        function Get-Text([object[]] $Pieces) { -join ($Pieces | ForEach-Object { [Text.Encoding]::ASCII.GetString($_) }) }
    }

    AfterEach {
        Get-PacketAutomaton | Stop-PacketAutomaton -Force
        Remove-TestStack
    }

    It 'connects, sends, receives and closes: <What>' -ForEach @(
        @{ What = 'as it is'; Parameter = @{} }
        @{ What = 'with numbers that wrap in the handshake'; Parameter = @{ InitialSequence = 4294967295 } }
        @{ What = 'with numbers that wrap in the request'; Parameter = @{ InitialSequence = 4294967294 } }
    ) {
        $peer = Start-TestClient -Parameter $Parameter
        Send-PacketAutomaton $client "question`n" -Complete
        $session = $peer.Listener | Receive-TcpSession
        $session | Receive-TcpData -Line | Should -Be question
        $session | Receive-TcpData -All -AsString | Should -BeNullOrEmpty
        $session | Send-TcpData 'answer'
        $session | Close-TcpSession
        Get-Text @($client | Receive-PacketAutomaton -All -TimeoutSec 120) | Should -Be answer
        "$($client.Status) $($client.State)" | Should -Be 'Ended Closed'
        ($client.Log.To -join ' ') | Should -Be 'Start SynSent Established FinWait TimeWait Closed'
        Wait-Until { "$($session.State)" -eq 'Closed' }
    }

    It 'takes data and the FIN from one segment, and acknowledges both' {
        $peer = Start-TestClient
        $session = $peer.Listener | Receive-TcpSession
        $session | Send-TcpData 'last words'
        $session | Close-TcpSession
        Get-Text @($client | Receive-PacketAutomaton -All -TimeoutSec 120) | Should -Be 'last words'
        ($client.Log.To -join ' ') | Should -Be 'Start SynSent Established LastAck Closed'
        Wait-Until { "$($session.State)" -in 'Closed', 'TimeWait' }
    }

    It 'takes a segment with data and FIN made by hand' {
        $line = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $line.A -Virtual
        $null = Start-PacketAutomaton $client -Link $line.B -Background -Parameter @{ Local = '10.7.0.2'; Remote = '10.7.0.9'; LocalPort = 5000; InitialSequence = 4294967294 }
        $back = { New-IPPacket 10.7.0.2 10.7.0.9 | New-TcpSegment 5000 80 @args }
        $syn = Receive-RawPacket -Filter 'tcp[tcpflags] & tcp-syn != 0' -Count 1 -TimeoutSec 10
        $syn.Tcp.Sequence | Should -Be 4294967294
        & $back -Flags Syn, Ack -Sequence 4294967290 -Acknowledgment 4294967295 | Send-RawPacket
        & $back -Flags Fin, Psh, Ack -Sequence 4294967291 -Acknowledgment 4294967295 | ForEach-Object { $_ / 'abcdefgh' } | Send-RawPacket
        $sent = Receive-RawPacket -Filter 'tcp and dst host 10.7.0.9' -Count 3 -TimeoutSec 10
        @($sent | Where-Object { $_.Tcp.Acknowledgment -eq 4 -and $_.Tcp.Flags -eq 'Ack' }).Count | Should -BeGreaterThan 0
        @($sent | Where-Object { $_.Tcp.Acknowledgment -eq 4 -and $_.Tcp.Flags -eq 'Fin, Ack' }).Count | Should -BeGreaterThan 0
        & $back -Flags Ack -Sequence 4 -Acknowledgment 0 | Send-RawPacket
        Get-Text @($client | Receive-PacketAutomaton -All) | Should -Be abcdefgh
        "$($client.State)" | Should -Be Closed
    }

    It 'loses nothing when the <What> is lost' -ForEach @(
        @{ What = 'SYN'; Drop = 1 }
        @{ What = 'acknowledgment of the handshake'; Drop = 2 }
        @{ What = 'request'; Drop = 3 }
        @{ What = 'FIN'; Drop = 4 }
    ) {
        $peer = Start-TestClient -Wire @{ DropNumber = $Drop }
        Send-PacketAutomaton $client "question`n" -Complete
        $session = $peer.Listener | Receive-TcpSession -TimeoutSec 60
        $session | Receive-TcpData -Line -TimeoutSec 60 | Should -Be question
        $session | Send-TcpData 'answer'
        $session | Close-TcpSession -TimeoutSec 60
        Get-Text @($client | Receive-PacketAutomaton -All -TimeoutSec 300) | Should -Be answer
        "$($client.State)" | Should -Be Closed
    }

    It 'finishes over a line that loses every fifth packet' {
        $peer = Start-TestClient -Wire @{ Loss = 0.2; Delay = '10ms' } -Parameter @{ Retries = 20 }
        $text = -join (1..200 | ForEach-Object { "line $_ of a longer text`n" })
        Send-PacketAutomaton $client $text -Complete
        $session = $peer.Listener | Receive-TcpSession -TimeoutSec 600
        $received = $session | Receive-TcpData -All -AsString -TimeoutSec 600
        $received | Should -Be $text
        $session | Send-TcpData $text
        $session | Close-TcpSession -TimeoutSec 600
        Get-Text @($client | Receive-PacketAutomaton -All -TimeoutSec 600) | Should -Be $text
        "$($client.Status) $($client.State)" | Should -Be 'Ended Closed'
    }

    It 'is refused, and gives up, with an error' {
        $line = New-PacketWire
        $null = Start-TcpStack 10.7.0.1/24 -Link $line.A -Virtual
        $where = @{ Local = '10.7.0.2'; Remote = '10.7.0.1'; Retries = 2 }
        Get-ErrorId { Start-PacketAutomaton $client -Link $line.B -Parameter $where } | Should -Be ErrorState
        "$($client.State) $($client.Sent)" | Should -Be 'Refused 1'
        $where.Remote = '10.7.0.77'
        Get-ErrorId { Start-PacketAutomaton $client -Link $line.B -Parameter $where } | Should -Be ErrorState
        "$($client.State) $($client.Sent)" | Should -Be 'GivenUp 3'
        $client.Log[-1].Time.ToString() | Should -Be '7.000000' # 1 + 2 + 4 s
    }

    It 'closes in order when it is stopped' {
        $peer = Start-TestClient
        $session = $peer.Listener | Receive-TcpSession
        $client.Stop()
        $session | Receive-TcpData -All | Should -BeNullOrEmpty
        $session | Close-TcpSession
        $null = @($client | Receive-PacketAutomaton -All -TimeoutSec 60)
        ($client.Log.To -join ' ') | Should -Be 'Start SynSent Established Leave FinWait TimeWait Closed'
    }

    It 'fetches a page from nginx on the kernel''s TCP' -Tag Root -Skip:([bool] $obstacle) {
        $place = New-LabNamespace
        try {
            $tun = New-PacketTunnel 10.66.0.1/24 -NetworkNamespace $place.Name
            $null = Start-LabWebServer $place 10.66.0.1 80 @{ 'index.html' = 'hello from the kernel'; 'long.html' = 'x' * 40000 }
            $where = @{ Local = '10.66.0.2'; Remote = '10.66.0.1' }
            foreach ($number in -1, 4294967294) {
                $page = "GET / HTTP/1.0`r`nHost: a`r`n`r`n" | Start-PacketAutomaton $client -Link $tun -TimeoutSec 60 -Parameter ($where + @{ InitialSequence = $number })
                Get-Text @($page) | Should -BeLike 'HTTP/1.1 200*hello from the kernel'
                "$($client.State)" | Should -Be Closed
            }
            # Half of the packets to the kernel are lost at first: the SYN, the request.
            $lossy = New-PacketAutomaton -Base $client -Data @{ Number = 0 } { Sender { if (++$this.Data.Number -in 2, 4, 6) { $this.Transmit($_) } elseif ($this.Data.Number -gt 6) { $this.Transmit($_) } } }
            $page = "GET /long.html HTTP/1.0`r`nHost: a`r`n`r`n" | Start-PacketAutomaton $lossy -Link $tun -TimeoutSec 60 -Parameter ($where + @{ Rto = 0.2 })
            (Get-Text @($page)).Length | Should -BeGreaterThan 40000
            # The kernel has no half-closed connection left but, perhaps, in TIME-WAIT.
            (Invoke-LabCommand $place ss -Htn state established).Output | Should -Not -Match '10.66.0.2'
        }
        finally {
            if ($tun) { Remove-PacketTunnel $tun }
            Remove-LabNamespace $place
        }
    }
}
