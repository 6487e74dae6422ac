#requires -Version 7.6
<#
    A TCP client as a packet automaton, for an address of one's own: the handshake, data both ways, the end, and everything that must arrive is sent again until it is
    acknowledged. It does not know congestion, selective acknowledgments or timestamps: Open-TcpSession does.

        $tun = New-PacketTunnel 10.66.0.1/24
        $client = . docs/examples/TcpClient.ps1
        "GET / HTTP/1.0`r`n`r`n" | Start-PacketAutomaton $client -Link $tun -Parameter @{ Local = '10.66.0.2'; Remote = '10.66.0.1' }

    Input: text and bytes to send; its end is the FIN. Output: the data received, as arrays of bytes.
#>
New-PacketAutomaton TcpClient -Parameter @{
    Local           = ''     # our address, which the kernel must not have
    Remote          = ''
    Port            = 80
    LocalPort       = 0      # 0: a random one
    InitialSequence = -1     # -1: a random one
    Rto             = 1.0    # seconds until something is sent again, doubled each time
    Retries         = 8
    Window          = 65535
} -Data @{
    LocalPort = 0; Mss = 536; PeerWindow = 0
    Una       = $null   # the oldest number that is not acknowledged
    Next      = $null   # the next number to send
    Expected  = $null   # the next number to receive
    Flight    = $null   # what was sent and is not acknowledged
    Rto       = 0.0; Tries = 0; PeerDone = $false
} {
    function Get-Number([uint32] $Value) { [TcpTools.Wire.SequenceNumber]::new($Value) } # arithmetic modulo 2^32

    function Send-Segment([string] $Flags, $Sequence, [byte[]] $Bytes = @()) {
        $more = @{}
        if ($Flags -notlike 'Syn*') { $more.Acknowledgment = $this.Data.Expected.Value }
        else { $more.Option = 'mss 1460' }
        if ($Bytes.Length) { $more.Data = $Bytes }
        New-IPPacket $this.Parameter.Remote $this.Parameter.Local |
            New-TcpSegment $this.Parameter.Port $this.Data.LocalPort -Flags $Flags -Sequence $Sequence.Value -Window $this.Parameter.Window @more |
            Send
    }

    # Sends what must arrive, and keeps it until it is acknowledged.
    function Send-Reliably([string] $Flags, [byte[]] $Bytes = @()) {
        $length = $Bytes.Length + [int] ($Flags -match 'Syn|Fin')
        $this.Data.Flight.Enqueue(@{ Flags = $Flags; Sequence = $this.Data.Next; Bytes = $Bytes; End = $this.Data.Next + $length })
        Send-Segment $Flags $this.Data.Next $Bytes
        $this.Data.Next += $length
        if (-not $this.Timers.Rto.IsRunning) { $this.Timers.Rto.Set($this.Data.Rto) }
    }

    # What an acknowledgment frees.
    function Read-Acknowledgment {
        if (-not $_.Tcp.Flags.HasFlag([TcpTools.Wire.TcpFlags]::Ack)) { return }
        $number = Get-Number $_.Tcp.Acknowledgment
        if (($number - $this.Data.Una) -lt 0 -or ($number - $this.Data.Next) -gt 0) { return }
        $this.Data.PeerWindow = $_.Tcp.Window
        if ($number -eq $this.Data.Una) { return }
        $this.Data.Una = $number
        while ($this.Data.Flight.Count -and ($number - $this.Data.Flight.Peek().End) -ge 0) { $null = $this.Data.Flight.Dequeue() }
        $this.Data.Tries = 0
        $this.Data.Rto = $this.Parameter.Rto
        if ($this.Data.Flight.Count) { $this.Timers.Rto.Set($this.Data.Rto) } else { $this.Timers.Rto.Stop() }
    }

    # Takes what is new of a segment's data, and its FIN when nothing is missing before it; then tells where we are.
    function Read-Segment {
        Read-Acknowledgment
        [byte[]] $bytes = @(if ($_.Payload) { $_.Payload.Data })
        $isFin = $_.Tcp.Flags.HasFlag([TcpTools.Wire.TcpFlags]::Fin)
        if (-not $bytes.Length -and -not $isFin) { return }
        $known = $this.Data.Expected - (Get-Number $_.Tcp.Sequence)
        if ($known -ge 0 -and $known -lt $bytes.Length) {
            [byte[]] $new = $bytes[$known..($bytes.Length - 1)]
            $this.Output($new)
            $this.Data.Expected += $new.Length
        }
        if ($isFin -and $known -ge 0 -and $known -le $bytes.Length -and -not $this.Data.PeerDone) {
            $this.Data.Expected += 1
            $this.Data.PeerDone = $true
        }
        Send-Segment Ack $this.Data.Next
    }

    State Start -Initial {
        $this.Data.LocalPort = if ($this.Parameter.LocalPort) { $this.Parameter.LocalPort } else { Get-Random -Minimum 49152 -Maximum 65536 }
        $this.Data.Next = Get-Number ($this.Parameter.InitialSequence -ge 0 ? $this.Parameter.InitialSequence : (Get-Random -Minimum 0 -Maximum 4294967296))
        $this.Data.Una = $this.Data.Next
        $this.Data.Expected = Get-Number 0
        $this.Data.Rto = $this.Parameter.Rto
        $this.Data.Flight = [System.Collections.Generic.Queue[hashtable]]::new()
    }
    State SynSent { Send-Reliably Syn }
    State Established
    State FinWait       # we have said that we are done
    State LastAck       # both have
    State TimeWait      # until the last acknowledgment has surely arrived
    State Closed -Final
    State Leave -Stop
    State Refused -Error { 'the peer refused' }
    State Aborted -Error { 'the peer reset the connection' }
    State GivenUp -Error { "no answer after $($this.Data.Tries) tries" }

    Only {
        $_.Tcp -and $_.Tcp.SourcePort -eq $this.Parameter.Port -and $_.Tcp.DestinationPort -eq $this.Data.LocalPort -and
        "$($_.IP.Source)" -eq $this.Parameter.Remote -and "$($_.IP.Destination)" -eq $this.Parameter.Local
    }

    On Condition Start -Goto SynSent

    On Packet SynSent -Name SynAck -When {
        $_.Tcp.Flags -eq 'Syn, Ack' -and $_.Tcp.Acknowledgment -eq $this.Data.Next.Value
    } -Then {
        $this.Data.Expected = (Get-Number $_.Tcp.Sequence) + 1
        $mss = $_.Tcp.Options | Where-Object { $_ -is [TcpTools.Packets.TcpMaximumSegmentSizeOption] }
        if ($mss) { $this.Data.Mss = [math]::Min(1460, $mss.Value) }
        Read-Acknowledgment
        Send-Segment Ack $this.Data.Next
    } -Goto Established
    On Packet SynSent -Name Refusal -When {
        $_.Tcp.Flags.HasFlag([TcpTools.Wire.TcpFlags]::Rst) -and $_.Tcp.Acknowledgment -eq $this.Data.Next.Value
    } -Goto Refused

    On Packet Established, FinWait, LastAck -Priority 1 -Name Reset -When {
        $_.Tcp.Flags.HasFlag([TcpTools.Wire.TcpFlags]::Rst) -and $_.Tcp.Sequence -eq $this.Data.Expected.Value
    } -Goto Aborted
    On Packet Established, FinWait, LastAck, TimeWait -Priority 2 -Name Segment -Then { Read-Segment }

    # The peer's window says how much may be under way; what does not fit waits at the door.
    On Input Established -Name Data -When { ($this.Data.Next - $this.Data.Una) -lt [math]::Min($this.Data.PeerWindow, 16 * $this.Data.Mss) } -Then {
        [byte[]] $bytes = @(if ($_ -is [byte[]]) { $_ } else { [System.Text.Encoding]::UTF8.GetBytes("$_") })
        for ($i = 0; $i -lt $bytes.Length; $i += $this.Data.Mss) {
            Send-Reliably 'Psh, Ack' $bytes[$i..([math]::Min($i + $this.Data.Mss, $bytes.Length) - 1)]
        }
    }
    On InputEnd Established -Name Done -Then { Send-Reliably 'Fin, Ack' } -Goto FinWait
    On Condition Established -Name PeerDone -When { $this.Data.PeerDone } -Then { Send-Reliably 'Fin, Ack' } -Goto LastAck
    On Condition FinWait -Name BothDone -When { $this.Data.PeerDone -and $this.Data.Flight.Count -eq 0 } -Goto TimeWait
    On Condition LastAck -Name Acknowledged -When { $this.Data.Flight.Count -eq 0 } -Goto Closed
    On Timeout TimeWait 2 -Name Quiet -Goto Closed

    On Timeout SynSent, Established, FinWait, LastAck -Name Rto -Manual -Or GivenUp -Then {
        if (++$this.Data.Tries -gt $this.Parameter.Retries) { Goto GivenUp; return }
        $oldest = $this.Data.Flight.Peek()
        Send-Segment $oldest.Flags $oldest.Sequence $oldest.Bytes
        $this.Data.Rto = [math]::Min(2 * $this.Data.Rto, 60)
        $this.Timers.Rto.Set($this.Data.Rto)
    }

    # Told to stop: in order, if there is a connection.
    On Condition Leave -Name Leaving -Then {
        if ($this.Data.Expected.Value) { Send-Reliably 'Fin, Ack'; Goto FinWait }
    } -Goto Closed -Or FinWait
}
