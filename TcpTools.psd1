@{
    RootModule           = 'module/bin/TcpTools.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6c1f5c0e-6f0a-4f0d-9b0e-3a7d3f1c52aa'
    Author               = 'The TcpTools authors'
    CompanyName          = 'TcpTools'
    Copyright            = '(c) the TcpTools authors. MIT licence.'
    Description          = 'A user-space TCP/IP stack and packet toolkit for Linux, held in a runspace.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('module/TcpTools.Format.ps1xml', 'module/Automata.Format.ps1xml', 'module/Captures.Format.ps1xml', 'module/Channels.Format.ps1xml', 'module/Forwarding.Format.ps1xml', 'module/Hooks.Format.ps1xml', 'module/Inspection.Format.ps1xml', 'module/IPv6.Format.ps1xml', 'module/Layers.Format.ps1xml', 'module/Links.Format.ps1xml', 'module/Mutation.Format.ps1xml', 'module/Neighbors.Format.ps1xml', 'module/Packets.Format.ps1xml', 'module/Parts.Format.ps1xml', 'module/Probing.Format.ps1xml', 'module/Replay.Format.ps1xml', 'module/Servers.Format.ps1xml', 'module/Steps.Format.ps1xml', 'module/Streams.Format.ps1xml')
    TypesToProcess       = @('module/Packets.Types.ps1xml', 'module/TcpTools.Types.ps1xml')
    CmdletsToExport      = @(
        'Assert-Packet',
        'Close-TcpSession',
        'Compare-Packet',
        'ConvertFrom-PacketBytes',
        'ConvertTo-PacketAutomatonGraph',
        'ConvertTo-PacketBytes',
        'ConvertTo-PacketDotNet',
        'ConvertTo-PacketScript',
        'Copy-Packet',
        'Export-PacketCapture',
        'Format-Packet',
        'Get-ArpSpoof',
        'Get-NetworkNeighbor',
        'Get-PacketAutomaton',
        'Get-PacketCapture',
        'Get-PacketHook',
        'Get-PacketLink',
        'Get-PacketResponder',
        'Get-TcpForwarder',
        'Get-TcpListener',
        'Get-TcpSession',
        'Get-TcpStack',
        'Get-TcpStream',
        'Import-PacketCapture',
        'Invoke-PacketExchange',
        'Invoke-TcpRequest',
        'Join-IPPacket',
        'Measure-PacketCapture',
        'New-ArpPacket',
        'New-DnsMessage',
        'New-EthernetFrame',
        'New-FuzzedPacket',
        'New-GreHeader',
        'New-IPPacket',
        'New-IPv6Extension',
        'New-IcmpMessage',
        'New-LlcHeader',
        'New-MplsLabel',
        'New-PacketAutomaton',
        'New-PacketReplay',
        'New-PacketReply',
        'New-PacketTunnel',
        'New-PacketWire',
        'New-StackLayer',
        'New-TcpSegment',
        'New-UdpDatagram',
        'New-VlanTag',
        'Open-TcpSession',
        'Protect-TcpSegment',
        'Receive-PacketAutomaton',
        'Receive-RawPacket',
        'Receive-TcpData',
        'Receive-TcpSession',
        'Register-PacketHook',
        'Register-TcpSessionEvent',
        'Remove-PacketTunnel',
        'Reset-TcpConnection',
        'Resolve-NetworkNeighbor',
        'Select-TcpStack',
        'Send-PacketAutomaton',
        'Send-RawPacket',
        'Send-TcpData',
        'Set-PacketImpairment',
        'Set-TcpSession',
        'Set-TcpStack',
        'Split-IPPacket',
        'Start-ArpSpoof',
        'Start-PacketAutomaton',
        'Start-PacketCapture',
        'Start-PacketResponder',
        'Start-TcpForwarder',
        'Start-TcpListener',
        'Start-TcpStack',
        'Step-PacketAutomaton',
        'Step-TcpStack',
        'Stop-ArpSpoof',
        'Stop-PacketAutomaton',
        'Stop-PacketCapture',
        'Stop-PacketResponder',
        'Stop-TcpForwarder',
        'Stop-TcpListener',
        'Stop-TcpStack',
        'Test-IcmpEcho',
        'Test-Packet',
        'Test-PacketReplay',
        'Test-TcpPort',
        'Test-TcpSignature',
        'Trace-TcpRoute',
        'Unregister-PacketHook',
        'Wait-TcpSession',
        'Watch-TcpStream'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('TCP', 'IP', 'Network', 'Packet', 'Linux', 'PSEdition_Core')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
