. $PSScriptRoot/common.ps1

Describe 'New-StackLayer' {
    AfterEach { Remove-TestStack }

    It 'shows a script every packet and lets it change them, in both directions' {
        $layer = New-StackLayer -Name count -Receive { param($packet, $layer) $layer.State.Up += 1; $packet } -Send {
            $_.IP.TimeToLive = 9
            $_
        }
        $pair = New-TestPair -Client @{ Layer = $layer }
        $seen = $pair.Server.OpenRawReceiver()
        $listener = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80
        Send-TcpData ('x' * 5000) -Session $session -Wait
        $listener | Receive-TcpSession | Receive-TcpData -Count 5000 -AsString | Should -Be ('x' * 5000)
        $seen.Receive([timespan]::Zero).Bytes.ToArray()[8] | Should -Be 9
        $layer.State.Up | Should -Be $layer.Received
        $layer.PassedDown | Should -Be $layer.Sent
        $layer.Dropped | Should -Be 0
        $pair.Client.PartErrors | Should -BeNullOrEmpty
        @($pair.Client.Layers)[0] | Should -Be $layer
    }

    It 'works in real time, and its script may use the stack' {
        $link = New-PacketWire
        $layer = New-StackLayer -Send { param($packet, $layer) $layer.State.Sessions = $layer.Stack.Sessions.Count; $packet }
        $a = Start-TcpStack 10.7.0.1/24 -Link $link.A -Name a -Layer $layer
        $b = Start-TcpStack 10.7.0.2/24 -Link $link.B -Name b
        $listener = Start-TcpListener 80 -Stack $b
        $session = Open-TcpSession 10.7.0.2 80 -Stack $a
        Send-TcpData 'hello' -Session $session -Wait
        $listener | Receive-TcpSession | Receive-TcpData -Count 5 -AsString | Should -Be hello
        $layer.State.Sessions | Should -Be 1
        $a.PartErrors | Should -BeNullOrEmpty
    }

    It 'drops what the script does not write, and sends what it writes more' {
        $first = New-StackLayer -Send { param($packet, $layer) if ($layer.State.Seen) { $packet, $packet } else { $layer.State.Seen = $true } }
        $pair = New-TestPair -Client @{ Layer = $first }
        $null = Start-TcpListener 80 -Stack server
        $session = Open-TcpSession $pair.Address 80
        $session.Info.RetransmittedSegments | Should -Be 1
        $first.Dropped | Should -Be 1
        $first.PassedDown | Should -Be (2 * ($first.Sent - 1))
    }

    It 'lets packets pass when the script <Case>, and keeps the error' -ForEach @(
        @{ Case = 'throws'; Script = { throw 'no way' }; Message = 'no way' }
        @{ Case = 'writes what is no packet'; Script = { 'many' }; Message = '*is not a packet*' }
    ) {
        $pair = New-TestPair -Client @{ Layer = New-StackLayer -Name bad -Send $Script -Receive $Script -Place AboveIP }
        $null = Start-TcpListener 80 -Stack server
        (Open-TcpSession $pair.Address 80).State | Should -Be Established
        @($pair.Client.PartErrors)[0].Message | Should -BeLike $Message
        @($pair.Client.PartErrors)[0].Name | Should -Be bad
        @($pair.Client.Layers)[0].Errors | Should -Be $pair.Client.PartFailures
    }

    It 'calls a script again and again on the clock of the stack' {
        $layer = New-StackLayer -Timer { param($layer) $layer.State.Times += 1 } -IntervalSec 0.5
        $pair = New-TestPair -Client @{ Layer = $layer }
        $null = $pair.Client.Clock.Network.Run([timespan]::FromSeconds(2.2))
        $layer.State.Times | Should -Be 4
    }

    It 'takes objects and classes of PowerShell with methods Receive and Send' {
        . ([scriptblock]::Create('[NoRunspaceAffinity()] class Doubling { [int] $Seen; [string] $Place = "AboveIP"
            [object] Send($packet, $layer) { $this.Seen++; return $packet } }
            function global:New-Doubling { [Doubling]::new() }'))
        $part = New-Doubling
        $pair = New-TestPair -Client @{ Layer = $part }
        $null = Start-TcpListener 80 -Stack server
        (Open-TcpSession $pair.Address 80).State | Should -Be Established
        $part.Seen | Should -BeGreaterThan 1
        @($pair.Client.Layers)[0].Place | Should -Be AboveIP
    }

    It 'takes C# layers, and refuses one in two stacks' {
        if (-not ('LayerTests.Counting' -as [type])) {
            Add-Type -ReferencedAssemblies ([TcpTools.Tcp.TcpConnection].Assembly.Location), System.Runtime, System.Memory -TypeDefinition @'
            namespace LayerTests {
                using TcpTools; using TcpTools.Buffers; using TcpTools.Stack;
                public class Counting : StackLayer {
                    public long Bytes;
                    protected override void Send(PacketBuffer packet, Instant now) { Bytes += packet.Length; PassDown(packet, now); }
                }
            }
'@
        }
        $layer = New-Object LayerTests.Counting
        $pair = New-TestPair -Client @{ Layer = $layer, ('LayerTests.Counting' -as [type]) }
        $null = Start-TcpListener 80 -Stack server
        $null = Open-TcpSession $pair.Address 80
        $layer.Bytes | Should -BeGreaterThan 100
        $pair.Client.Layers.Count | Should -Be 2
        Get-ErrorId { Start-TcpStack -Link (New-PacketWire).A -Layer $layer } | Should -Be InvalidArgument
    }

    It 'reports <Case> with what would have been accepted' -ForEach @(
        @{ Case = 'a layer without scripts'; Script = { New-StackLayer }; Advice = '*-Send*' }
        @{ Case = 'a timer without end'; Script = { New-StackLayer -Timer { } -IntervalSec 0 }; Advice = '*500ms*' }
        @{ Case = 'what is no layer'; Script = { Start-TcpStack -Link (New-PacketWire).A -Layer 'x' }; Advice = '*New-StackLayer*' }
        @{ Case = 'a PowerShell class that derives from StackLayer'; Advice = '*base class*'; Script = {
                . ([scriptblock]::Create('[NoRunspaceAffinity()] class Derived : TcpTools.Stack.StackLayer { }; function global:New-Derived { [Derived]::new() }'))
                Start-TcpStack -Link (New-PacketWire).A -Layer (New-Derived)
            }
        }
    ) {
        $ErrorActionPreference = 'Stop'
        $failure = $null
        try { & $Script } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidArgument*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike $Advice
        Get-TcpStack | Should -BeNullOrEmpty
    }
}
