. $PSScriptRoot/common.ps1

BeforeDiscovery {
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
    $commands = Get-Command -Module TcpTools | ForEach-Object {
        @{ Command = $_.Name; Parameters = @($_.Parameters.Keys | Where-Object { $_ -notin $common }) }
    }
}

Describe 'The help source' {
    It 'has a page for each cmdlet and none besides' {
        (Get-ChildItem "$HelpSource/*-*.md").BaseName | Sort-Object | Should -Be ((Get-Command -Module TcpTools).Name | Sort-Object)
    }

    It '<Command>.md describes exactly its parameters' -ForEach $commands {
        $text = Get-Content -Raw "$HelpSource/$Command.md"
        $described = [regex]::Matches($text, '(?m)^### -(\w+)\n\n\S') | ForEach-Object { $_.Groups[1].Value }
        $described | Sort-Object | Should -Be ($Parameters | Sort-Object)
        foreach ($heading in 'SYNOPSIS', 'DESCRIPTION', 'EXAMPLES', 'PARAMETERS', 'INPUTS', 'OUTPUTS') {
            $text | Should -Match "(?m)^## $heading`$"
        }
    }
}
